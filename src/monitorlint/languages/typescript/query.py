"""The nodes of the tree that are read: everything else is passed over in C."""

from __future__ import annotations

QUERY = """
(call_expression) @call
(new_expression) @call
[(function_declaration) (generator_function_declaration) (function_expression) (generator_function)
 (arrow_function) (method_definition) (abstract_method_signature)] @def
[(class_declaration) (class) (abstract_class_declaration)] @class
(interface_declaration) @interface
(type_alias_declaration value: [(object_type) (intersection_type) (union_type) (type_query) (type_identifier)
 (nested_type_identifier) (parenthesized_type)]) @interface
(if_statement) @if
(else_clause) @else
[(for_statement) (for_in_statement) (while_statement) (do_statement)] @loop
(try_statement) @try
(catch_clause) @except
(finally_clause) @finally
[(switch_case) (switch_default)] @case
(variable_declarator) @declared
(public_field_definition) @field
(assignment_expression) @assign
(augmented_assignment_expression) @augmented
(import_statement) @import
(export_statement) @export
(return_statement) @return
(yield_expression) @yield
(throw_statement) @raise
(await_expression) @await
(expression_statement) @statement
"""
