package main

import (
	"slices"
	"strings"
	"testing"
)

func TestUndescribed(t *testing.T) {
	p := programOf(t, "one(a fd) int\ntwo@arm,i386() int\nthree(p func(x)) int\n")
	all := p.coverage()
	if got, want := undescribed(all), []string{"four", "two@amd64,x32,arm64,riscv64"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	text := string(emitCoverage(all))
	for _, want := range []string{
		"| described | 2 | 3 | 2 | 1 | 3 | 1 |", "| four | | raw | | | raw | |",
		"| two | raw | full | raw | raw | full | raw |", "| three | Go | Go | Go | | Go | |",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no line %q in\n%s", want, text)
		}
	}
}

func TestTodo(t *testing.T) {
	for _, tt := range []struct{ old, missing, want, err string }{
		{"most 3\na\nb\nc@arm\n", "a c@arm", "most 2\n\na\nc@arm\n", ""},
		{"most 1\na # why\n", "a@arm", "most 1\n\na@arm\n", ""},
		{"most 1\na@arm,i386\n", "a@arm", "most 1\n\na@arm\n", ""},
		{"most 0\n", "", "most 0\n\n", ""},
		{"most 1\na\n", "a b", "", "b has no row: describe it"},
		{"most 1\na@arm\n", "a", "", "a has no row: describe it"},
		{"most 1\na@arm\n", "a@arm,x32", "", "a@arm,x32 has no row: describe it"},
		{"most 1\na\nb\n", "a", "", "todo.txt has 2 entries, at most 1 are allowed: describe calls instead"},
	} {
		old, err := parseTodo(tt.old)
		if err != nil {
			t.Fatal(err)
		}
		got, err := old.shrink(strings.Fields(tt.missing))
		if tt.err != "" {
			if err == nil || err.Error() != tt.err {
				t.Errorf("%q: got error %v, want %s", tt.old, err, tt.err)
			}
			continue
		}
		if err != nil || string(got.text()) != todoHead+tt.want {
			t.Errorf("%q without %q: got %q, %v", tt.old, tt.missing, got.text(), err)
		}
	}
}
