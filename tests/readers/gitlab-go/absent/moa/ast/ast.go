// Package ast stands for moa's.
package ast

// Expr is a node.
type Expr interface {
	Walk(Visitor) (Expr, error)
}

// Visitor is called with nodes.
type Visitor interface {
	Enter(Expr) (Visitor, error)
	Exit(Expr) (Expr, error)
}

// Template is a text with expressions in it.
type Template struct{}

// Walk visits nothing.
func (t *Template) Walk(Visitor) (Expr, error) { return t, nil }

// Selector is an access to an attribute.
type Selector struct{}

// Walk visits nothing.
func (s *Selector) Walk(Visitor) (Expr, error) { return s, nil }
