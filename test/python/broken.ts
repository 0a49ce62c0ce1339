import type { Edit } from './python';

/** Mistakes that a generator or its runtime could make. The judges have to find each. */
export const mistakes: readonly (readonly [string, Edit])[] = [
  [
    'UTF-16 units for code points',
    values('return str.__str__(value)', 'return "".join(one * (1 + (ord(one) > 0xFFFF)) for one in value)'),
  ],
  ['null for absent', models(' | MISSING = ', ' | None | MISSING = ')],
  ['$ for \\Z', models('\\\\Z', '$')],
  ['no pattern', values('self.pattern is not None', 'False')],
  ['no uniqueItems', models('unique=True', 'unique=False')],
  ['no minLength', models(/min_length=\d+/, 'min_length=0')],
  ['no maxItems', models(/max_items=\d+/, 'max_items=None')],
  [
    'a required field that may be absent',
    models(/^ {4}created_at: _v.Date$/m, '    created_at: _v.Date | MISSING = MISSING'),
  ],
  ['whole in all digits', values('float(f"{value:.15g}")', 'value')],
  ['booleans as numbers', values('and not isinstance(value, bool) and', 'and')],
  [
    'NaN within bounds',
    values('# Written so that NaN', 'if value != value:\n            return value\n        # Written so that NaN'),
  ],
  ['no maximum', values('if self.le is not None', 'if False')],
  ['code as a string', values('isinstance(value, Code)', 'False')],
  ['references as another type than objects', values('isinstance(value, DBRef)', 'False')],
  ['strings as booleans', values('core_schema.bool_schema(strict=True)', 'core_schema.bool_schema(strict=False)')],
  ['text as a date', values('core_schema.is_instance_schema(datetime)', 'core_schema.datetime_schema(strict=False)')],
  ['no further fields', { file: 'documents.py', from: 'extra="allow"', to: 'extra="forbid"' }],
  ['further fields that are lost', { file: 'documents.py', from: 'extra="allow"', to: 'extra="ignore"' }],
];

/** Those that only the constructs show which the product does not have. */
export const mistakesInConstructs: readonly (readonly [string, Edit])[] = [
  ['a long as an int', values('not isinstance(value, Int64) and ', '')],
  ['an int as a long', values('(isinstance(value, Int64) or int(value) not in _INT32)', 'True')],
  ['1 equal to true', equality('("bool", value)', '("number", value)')],
  ['1 unequal to 1.0', equality('("number", _number(value))', '(type(value), _number(value))')],
  ['objects with an order', equality('frozenset(', 'tuple(')],
  ['open where it is closed', { file: 'documents.py', from: 'extra="forbid"', to: 'extra="allow"' }],
];

function values(from: Edit['from'], to: string): Edit {
  return { file: 'values.py', from, to };
}

function models(from: Edit['from'], to: string): Edit {
  return { file: 'models.py', from, to };
}

function equality(from: Edit['from'], to: string): Edit {
  return { file: 'bson_equality.py', from, to };
}
