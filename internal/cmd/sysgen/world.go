package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A world is everything that was said: facts and statements by name.
type world struct {
	facts   *facts
	diags   *diagnostics
	calls   map[string]*variants[*callStmt]
	aliases map[string]*variants[*aliasStmt]
	tables  map[string]*variants[*tableStmt]
	structs map[string]*variants[*structStmt]
	switchs map[string]*variants[*switchStmt]
	attrs   map[string]*variants[*attrsStmt]
	types   map[string]*variants[*typeStmt]
	layouts map[string]*variants[*layoutStmt]
	consts  []word // of goconst
}

// variants are the statements of one name: one for each ABI that has its own,
// and one for the others.
type variants[S stmt] struct {
	all  S // without @
	some []S
	has  bool // all is there
}

// on returns the statement that serves an ABI.
func (v *variants[S]) on(abi int) (s S, ok bool) {
	if v == nil {
		return s, false
	}
	for _, s := range v.some {
		if s.head().abis.has(abi) {
			return s, true
		}
	}
	return v.all, v.has
}

// first returns any of the statements.
func (v *variants[S]) first() S {
	if v.has {
		return v.all
	}
	return v.some[0]
}

func newWorld(f *facts, diags *diagnostics) *world {
	return &world{
		facts: f, diags: diags,
		calls:   map[string]*variants[*callStmt]{},
		aliases: map[string]*variants[*aliasStmt]{},
		tables:  map[string]*variants[*tableStmt]{},
		structs: map[string]*variants[*structStmt]{},
		switchs: map[string]*variants[*switchStmt]{},
		attrs:   map[string]*variants[*attrsStmt]{},
		types:   map[string]*variants[*typeStmt]{},
		layouts: map[string]*variants[*layoutStmt]{},
	}
}

// descFiles returns the description files of dir, in order.
func descFiles(dir string) ([]string, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	return slices.DeleteFunc(names, func(n string) bool { return notDescriptions[filepath.Base(n)] }), nil
}

var notDescriptions = map[string]bool{
	"numbers.txt": true, "aliases.txt": true, "consts.txt": true, "extra.txt": true,
	"ioctls.txt": true, "commands.txt": true, "errors.txt": true, "todo.txt": true,
}

// readWorld reads the facts and the descriptions in dir. Mistakes in the
// descriptions are in the diags of the world.
func readWorld(dir string) (*world, error) {
	f, err := readFacts(dir)
	if err != nil {
		return nil, err
	}
	names, err := descFiles(dir)
	if err != nil {
		return nil, err
	}
	w := newWorld(f, &diagnostics{})
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		w.add(parse(filepath.ToSlash(filepath.Join(filepath.Base(dir), filepath.Base(name))), string(text), w.diags))
	}
	w.checkNames()
	return w, nil
}

// add makes statements known by their names.
func (w *world) add(stmts []stmt) {
	for _, s := range stmts {
		w.diags.catch(func() {
			switch s := s.(type) {
			case *callStmt:
				enter(w.calls, s)
			case *aliasStmt:
				enter(w.aliases, s)
			case *tableStmt:
				enter(w.tables, s)
			case *structStmt:
				enter(w.structs, s)
			case *switchStmt:
				enter(w.switchs, s)
			case *attrsStmt:
				enter(w.attrs, s)
			case *typeStmt:
				enter(w.types, s)
			case *layoutStmt:
				enter(w.layouts, s)
			case *goconstStmt:
				w.consts = append(w.consts, s.names...)
			}
		})
	}
}

func enter[S stmt](m map[string]*variants[S], s S) {
	h := s.head()
	v := m[h.name]
	if v == nil {
		v = &variants[S]{}
		m[h.name] = v
	}
	if h.abis == 0 {
		if v.has {
			failf(h.at, "", "%s is described already at %v", h.name, v.all.head().at)
		}
		v.all, v.has = s, true
		return
	}
	for _, o := range v.some {
		if both := o.head().abis & h.abis; both != 0 {
			failf(h.at, "", "%s is described already for %v at %v", h.name, both, o.head().at)
		}
	}
	v.some = append(v.some, s)
}

// checkNames finds names that stand for two kinds of things, and calls that no
// ABI has.
func (w *world) checkNames() {
	kinds := []map[string]position{positions(w.structs), positions(w.switchs), positions(w.types)}
	for i, m := range kinds {
		for name, at := range m {
			if scalars[name].node != "" || typeForms[name] {
				w.diags.add(diagnostic{at: at, msg: "\"" + name + "\" is a type of the language", hint: "choose another name"})
			}
			for _, other := range kinds[:i] {
				if o, ok := other[name]; ok {
					w.diags.add(diagnostic{at: at, msg: "\"" + name + "\" is a type already, at " + o.String()})
				}
			}
		}
	}
	numbers := map[string]abiSet{}
	var names []string
	for _, l := range w.facts.numbers {
		numbers[l.name] = l.has
		names = append(names, l.name)
	}
	check := func(h *header) {
		if has, ok := numbers[h.name]; !ok {
			w.diags.add(diagnostic{at: h.at, msg: "no ABI has a call \"" + h.name + "\"", hint: didYouMean(h.name, names, "numbers.txt lists the calls")})
		} else if h.abis&^has != 0 {
			w.diags.add(diagnostic{at: h.at, msg: h.name + " has no number on " + (h.abis &^ has).String()})
		}
	}
	eachHeader(w.calls, check)
	eachHeader(w.aliases, check)
}

func eachHeader[S stmt](m map[string]*variants[S], f func(*header)) {
	for _, name := range slices.Sorted(maps.Keys(m)) {
		v := m[name]
		if v.has {
			f(v.all.head())
		}
		for _, s := range v.some {
			f(s.head())
		}
	}
}

func positions[S stmt](m map[string]*variants[S]) map[string]position {
	out := map[string]position{}
	for name, v := range m {
		out[name] = v.first().head().at
	}
	return out
}

// camel turns a name of the descriptions into the rest of a Go identifier:
// sockaddr_in becomes SockaddrIn.
func camel(name string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(name, "_") {
		switch part {
		case "":
		case "id":
			b.WriteString("ID")
		default:
			b.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return b.String()
}

// method is the name of the Go decoder that func(NAME) means: sockaddr_out is
// sockaddrOut.
func method(name string) string {
	first, rest, _ := strings.Cut(name, "_")
	return first + camel(rest)
}
