// Package fields stands for the names of fields in logs.
package fields

// HTTPStatusCode is a field.
const HTTPStatusCode = "status"

// Deprecated are fields with other names.
var Deprecated map[string]struct{ Standard string }

// VariantVersion is when they got them.
var VariantVersion map[string]int
