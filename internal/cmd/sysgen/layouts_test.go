package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "ask the C compiler again; $STRAIT_HEADERS names the kernel's headers")

const layoutsFile = "testdata/layouts.txt"

// A cLayout is what the C compiler says of a type: for each ABI the size, and
// offset/size of the fields; "-" where it has none.
type cLayout struct {
	name, header, ctype string
	only                abiSet // ABIs to compare; 0 for all
	longer              bool   // C has more behind what we describe
	rows                []cRow
}

type cRow struct {
	name string
	abi  [numABI]string
}

// readLayouts reads testdata/layouts.txt: NAME[@ABIS][...] HEADER C TYPE, and below it,
// after a tab, what the compiler says.
func readLayouts(t *testing.T) (comment string, list []cLayout) {
	t.Helper()
	text, err := os.ReadFile(layoutsFile)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		switch {
		case strings.HasPrefix(line, "#"):
			comment += line
		case strings.HasPrefix(line, "\t") && len(words) == 1+numABI:
			l := &list[len(list)-1]
			l.rows = append(l.rows, cRow{words[0], [numABI]string(words[1:])})
		case len(words) >= 3:
			l := cLayout{name: words[0], header: words[1], ctype: strings.Join(words[2:], " ")}
			var abis string
			l.name, l.longer = strings.CutSuffix(l.name, "...")
			l.name, abis, _ = strings.Cut(l.name, "@")
			for i, n := range abiNames {
				if strings.Contains(","+abis+",", ","+n+",") {
					l.only |= 1 << i
				}
			}
			list = append(list, l)
		case len(words) > 0:
			t.Fatalf("%s: bad line %q", layoutsFile, line)
		}
	}
	return comment, list
}

// fieldNames are the fields of a structure on any ABI.
func (w *world) fieldNames(t *testing.T, name string) (names []string) {
	v := w.structs[name]
	if v == nil {
		t.Fatalf("no structure %s", name)
	}
	seen := map[string]bool{}
	for _, s := range append(v.some, v.all) {
		if s == nil {
			continue
		}
		for _, f := range s.fields {
			if !seen[f.text] {
				seen[f.text] = true
				names = append(names, f.text)
			}
		}
	}
	return names
}

// askCompiler fills in the rows.
func askCompiler(t *testing.T, w *world, comment string, list []cLayout) {
	dir := os.Getenv("STRAIT_HEADERS")
	if dir == "" {
		t.Fatal("-update needs $STRAIT_HEADERS")
	}
	var b bytes.Buffer
	b.WriteString(comment)
	for i := range list {
		l := &list[i]
		found, err := layouts(dir, []StructQuery{{Header: l.header, Type: l.ctype, Fields: w.fieldNames(t, l.name)}})
		if err != nil {
			t.Fatal(err)
		}
		l.rows = []cRow{{name: "sizeof"}}
		for abi, p := range found[0].Whole {
			l.rows[0].abi[abi] = place(p, fmt.Sprint(p.Size))
		}
		for _, f := range found[0].Fields {
			r := cRow{name: f.Name}
			for abi, p := range f.Places {
				r.abi[abi] = place(p, fmt.Sprintf("%d/%d", p.Offset, p.Size))
			}
			if strings.Trim(strings.Join(r.abi[:], ""), "-") != "" {
				l.rows = append(l.rows, r)
			}
		}
		name := l.name
		if l.only != 0 {
			name += "@" + l.only.String()
		}
		if l.longer {
			name += "..."
		}
		fmt.Fprintf(&b, "\n%s %s %s\n", name, l.header, l.ctype)
		for _, r := range l.rows {
			fmt.Fprintf(&b, "\t%s %s\n", r.name, strings.Join(r.abi[:], " "))
		}
	}
	if err := os.WriteFile(layoutsFile, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func place(p Place, s string) string {
	if !p.Known {
		return "-"
	}
	return s
}

// TestLayoutsOfC compares the structures of the descriptions with what a C
// compiler makes of the kernel's own declarations.
func TestLayoutsOfC(t *testing.T) {
	w, err := readWorld(pkgDir + "/desc")
	if err != nil {
		t.Fatal(err)
	}
	comment, list := readLayouts(t)
	if *update {
		askCompiler(t, w, comment, list)
	}
	compile(w)
	if err := w.diags.err(); err != nil {
		t.Fatal(err)
	}
	for _, l := range list {
		if len(l.rows) < 2 {
			t.Errorf("%s: nothing to compare", l.name)
		}
		for abi := range numABI {
			if l.only != 0 && !l.only.has(abi) {
				continue
			}
			compareLayout(t, w, l, abi)
		}
	}
}

func compareLayout(t *testing.T, w *world, l cLayout, abi int) {
	t.Helper()
	s, ok := w.structs[l.name].on(abi)
	if !ok || l.rows[0].abi[abi] == "-" {
		return
	}
	u := &unit{
		world: w, prog: newProgram(), abi: abi, m: &abiModels[abi],
		layoutOf: map[*structStmt]*structLayout{}, structID: map[*structStmt]*structRef{},
		attrsID: map[*attrsStmt]*structRef{},
	}
	lay := u.layout(s)
	if size := strconv.Itoa(int(lay.size)); !lay.dynamic && !l.longer && size != l.rows[0].abi[abi] {
		t.Errorf("%s on %s: got %s bytes, C has %s", l.name, abiNames[abi], size, l.rows[0].abi[abi])
	}
	for _, r := range l.rows[1:] {
		off, ok := lay.off[r.name]
		if !ok || r.abi[abi] == "-" || off == dynOff {
			continue
		}
		want, size, _ := strings.Cut(r.abi[abi], "/")
		if fmt.Sprint(off) != want {
			t.Errorf("%s.%s on %s: got offset %d, C has %s", l.name, r.name, abiNames[abi], off, want)
		}
		if n, known := lay.sizes[r.name]; known && fmt.Sprint(n) != size {
			t.Errorf("%s.%s on %s: got %d bytes, C has %s", l.name, r.name, abiNames[abi], n, size)
		}
	}
}
