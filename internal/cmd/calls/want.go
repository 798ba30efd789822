package main

import (
	"crypto/sha256"
	"fmt"
	"strings"
)

// brief is line as TABLE.want has it: of a long one the start, its length and a
// digest, so that the files stay readable.
func brief(line string) string {
	const most, start = 320, 160
	if len(line) <= most {
		return line
	}
	return fmt.Sprintf("%s ~ %d bytes, sha256 %x", line[:start], len(line), sha256.Sum256([]byte(line)))
}

// format is what TABLE.want holds: for each call its line without options, and
// below it, behind the name of the variant, each line that differs from it. The
// lines of the registers alone are left out: they say nothing that is not known.
// Of the lines in halves stands what cutOf says, if it says something, or, of those of
// styles(), the whole line with " ~ " at the cut.
func (t *table) format(all lines) string {
	var b strings.Builder
	for i := range t.calls {
		b.WriteString(brief(all[0][i]) + "\n")
		for v := 1; v < len(t.variants); v++ {
			if t.variants[v].name != "raw" && all[v][i] != all[0][i] && all[v][i] != "" {
				b.WriteString("\t" + t.variants[v].name + "\t" + brief(all[v][i]) + "\n")
			}
		}
	}
	return b.String()
}

// parseWant reads what format wrote. Lines of registers alone are empty.
func (t *table) parseWant(text string) (lines, error) {
	all := make(lines, len(t.variants))
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		name, rest, ok := strings.Cut(strings.TrimPrefix(line, "\t"), "\t")
		if !strings.HasPrefix(line, "\t") {
			for v := range t.variants {
				if t.variants[v].halves && !t.variants[v].whole {
					all[v] = append(all[v], "")
				} else {
					all[v] = append(all[v], line)
				}
			}
			continue
		}
		if !ok || len(all[0]) == 0 {
			return nil, fmt.Errorf("%s.want: %q: want VARIANT, a tab and a line", t.name, line)
		}
		for v := range t.variants {
			if t.variants[v].name == name {
				all[v][len(all[v])-1] = rest
			}
		}
	}
	for v := range t.variants {
		if t.variants[v].name == "raw" {
			clear(all[v])
		}
	}
	if len(all[0]) != len(t.calls) {
		return nil, fmt.Errorf("%s.want has lines for %d calls, the table makes %d: record it again", t.name, len(all[0]), len(t.calls))
	}
	return all, nil
}
