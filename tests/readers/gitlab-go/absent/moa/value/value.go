// Package value stands for moa's.
package value

import (
	"errors"
	"iter"
)

// Kind is a value's type.
type Kind int

// The types of values.
const (
	NullKind Kind = iota
	StringKind
	NumberKind
	BoolKind
	ArrayKind
	ObjectKind
)

func (Kind) String() string { return "" }

// What goes wrong with values.
var (
	ErrAttributeNotFound = errors.New("no such attribute")
	ErrInvalidKey        = errors.New("no such key")
)

// Value is nothing.
type Value struct{}

// Mapper is what an object's values are had from.
type Mapper interface {
	All() iter.Seq2[Value, Value]
	Attr(string) (Value, error)
	Get(Value) (Value, error)
	Keys() iter.Seq[Value]
	Len() int
	Values() iter.Seq[Value]
	WithMarks(uint16) Mapper
}

// Null returns a value.
func Null() Value { return Value{} }

// String returns a value.
func String(string) Value { return Value{} }

// Object returns a value.
func Object(Mapper) Value { return Value{} }

// Kind says what it is.
func (Value) Kind() Kind { return NullKind }

// String says what it holds.
func (Value) String() string { return "" }

// HasMarks says whether it is marked.
func (Value) HasMarks(uint16) bool { return false }

// WithMarks returns a value.
func (v Value) WithMarks(uint16) Value { return v }
