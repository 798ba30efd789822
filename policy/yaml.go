package policy

import (
	"bytes"
	"errors"
	"io"

	"strait/internal/yamlfault"

	"go.yaml.in/yaml/v3"
)

// document reads the one YAML document that a policy is. Its root is nil where
// there is none.
func document(name string, src []byte) (doc *yaml.Node, errs Errors) {
	if f := yamlfault.Unreadable(src); f != nil {
		return nil, Errors{faulty(name, f)}
	}
	src = bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n"))
	d := yaml.NewDecoder(bytes.NewReader(src))
	doc = &yaml.Node{}
	if err := d.Decode(doc); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, Errors{faulty(name, yamlfault.Of(src, err))}
	}
	var more yaml.Node
	switch err := d.Decode(&more); {
	case errors.Is(err, io.EOF):
	case err != nil:
		return nil, Errors{faulty(name, yamlfault.Of(src, err))}
	default:
		errs = append(errs, Pos{name, more.Line, more.Column}.errorf("put it into a file of its own and include that", "a second document in the file (after ---)"))
	}
	return doc, append(errs, fancy(name, doc)...)
}

// faulty is what the YAML parser does not take.
func faulty(name string, f *yamlfault.Fault) *Error {
	return &Error{File: name, Line: f.Line, Col: f.Col, Msg: f.Msg, Hint: f.Hint}
}

// fancy looks for what YAML has and policies have not: whoever reads a policy
// shall see every rule where it stands.
func fancy(name string, n *yaml.Node) (errs Errors) {
	at := Pos{name, n.Line, n.Column}
	switch {
	case n.Kind == yaml.AliasNode:
		return Errors{at.errorf("write it out; a profile can extend another, a group name another", "*%s: policies have no aliases", n.Value)}
	case n.Anchor != "":
		errs = append(errs, at.errorf("take it out", "&%s: policies have no anchors", n.Anchor))
	case n.Style&yaml.TaggedStyle != 0:
		errs = append(errs, at.errorf("take it out", "%s: policies have no tags", n.Tag))
	}
	for _, c := range n.Content {
		errs = append(errs, fancy(name, c)...)
	}
	return errs
}
