import Groq from 'groq-sdk';

const groq = new Groq();

export const loadLesson = async (lessonId: string) => {
  const response = await fetch(`/api/lessons/${lessonId}`);
  return response.json();
};

export async function generateDescription(videoId: string, transcript: string) {
  const answer = await groq.chat.completions.create({
    model: 'llama-3.3-70b-versatile',
    messages: [{ role: 'user', content: `Describe this video:\n${transcript}` }],
  });
  return { videoId, text: answer.choices[0]?.message.content ?? '' };
}

export async function waitForRendering(lessonId: string) {
  while (true) {
    const lesson = await loadLesson(lessonId);
    if (lesson.state === 'ready') return lesson;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}
