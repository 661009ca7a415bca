"""The nodes of the tree that are read: everything else is passed over in C.

A pattern of two nodes costs more to compile than thirty of one, in every run: only what is rare among many is one.
"""

from __future__ import annotations

QUERY = """
(call) @call
(function_definition) @def
(class_definition) @class
(decorated_definition) @decorated
(lambda) @lambda
(with_statement) @with
(for_statement) @for
(while_statement) @while
(if_statement) @if
(elif_clause) @elif
(else_clause) @else
(try_statement) @try
(except_clause) @except
(finally_clause) @finally
(case_clause) @case
[(list_comprehension) (set_comprehension) (dictionary_comprehension) (generator_expression)] @comprehension
(for_in_clause) @clause
(assignment) @assign
(augmented_assignment) @augmented
(named_expression) @walrus
(import_statement) @import
(import_from_statement) @from
(return_statement) @return
(yield) @yield
(raise_statement) @raise
(global_statement) @global
(nonlocal_statement) @nonlocal
(await (call) @awaited)
(expression_statement (call) @statement)
[(print_statement) (exec_statement)] @old
"""
