package main

import (
	"encoding/base64"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"strait/internal/print"
	"strait/syscalls"
)

// TestJSONAgrees shows every call as text, with numbers for all constants, and as JSON:
// what the text says is in the JSON, numbers, strings and names alike.
func TestJSONAgrees(t *testing.T) {
	each(t, func(t *testing.T, tab *table, _ string) {
		n, failed := 0, 0
		tab.each(func(c *call, before *syscalls.Call) {
			if n++; testing.Short() && n%7 != 0 || failed > 20 {
				return
			}
			var object strings.Builder
			w := print.NewWriter(&object)
			tab.play(c, before, &variants[1], &print.JSONLines{Out: w})
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			v := readValues(t, object.String())
			for i := range []int{1, 2} { // -v, and with -X raw
				line := strings.Replace(tab.line(c, before, &variants[1+i]), "#64(", "(", 1) // a part of a name
				if what := v.lacks(line, i == 1); what != "" {
					failed++
					t.Errorf("line %d: JSON does not have %s\ntext %.1000s\njson %.2000s", c.line, what, line, object.String())
				}
			}
		})
		if n == 0 {
			t.Error("no calls")
		}
	})
}

// values are the numbers, strings and words of a JSON object.
type values struct {
	numbers map[uint64]bool
	strings map[string]bool
	words   map[string]bool
}

func readValues(t *testing.T, text string) *values {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var object map[string]any
	if err := d.Decode(&object); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	v := &values{map[uint64]bool{}, map[string]bool{}, map[string]bool{}}
	v.add("", object)
	return v
}

func (v *values) add(key string, x any) {
	switch x := x.(type) {
	case map[string]any:
		if said, _ := x["text"].(string); x["kind"] == "wait_status" { // its parts are in words only
			for _, s := range tokens.FindAllString(said, -1) {
				if n, err := strconv.ParseUint(s, 0, 64); err == nil {
					v.numbers[n] = true
				}
			}
		}
		for k, e := range x {
			v.add(k, e)
		}
	case []any:
		for _, e := range x {
			v.add(key, e)
		}
	case json.Number:
		if n, err := strconv.ParseUint(x.String(), 10, 64); err == nil {
			v.numbers[n] = true
			v.numbers[uint64(uint32(n))] = true // as descriptors are shown
			v.numbers[uint64(int64(int32(n)))] = true
			v.numbers[uint64(uint16(n))] = true // as permissions are
		} else if n, err := strconv.ParseInt(x.String(), 10, 64); err == nil {
			v.numbers[uint64(n)] = true
			v.numbers[uint64(uint32(n))] = true
		}
	case string:
		if strings.HasSuffix(key, "_base64") {
			if p, err := base64.StdEncoding.DecodeString(x); err == nil {
				x = string(p)
			}
		}
		v.strings[x] = true
		for _, w := range word.FindAllString(x, -1) {
			v.words[w] = true
		}
	}
}

var (
	word   = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*`)
	tokens = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|[A-Za-z_][A-Za-z0-9_]*=?|0x[0-9a-f]+|-?[0-9]+`)
	// What the text has for the reader's eye, or JSON in other words: comments, dates,
	// UUIDs and addresses of hardware, characters, the result of a call that failed, shifts of a number that is there whole.
	comment = regexp.MustCompile(`/\*.*?\*/|\([-0-9]+T[0-9:.+]+\)$|\) = -1 [^"]*$|(\|0x[0-9a-f]+)?<<[0-9]+|=[0-9a-f]+([-:][0-9a-f]+)+|='(?:[^'\\]|\\[^x]|\\x[0-9a-f]+)'`)
	set     = regexp.MustCompile(`~?\[[A-Z0-9_ ]*\]`)
	// Names that stand for a number which JSON has, or for how a number is written.
	spoken = map[string]bool{"AT_FDCWD": true, "UTIME_NOW": true, "UTIME_OMIT": true, "AF_INET6": true}
)

// lacks returns a number, string or constant of a line that v does not have, or nothing.
func (v *values) lacks(line string, numbers bool) string {
	line = comment.ReplaceAllString(line, "")
	if v.strings["sigset"] { // of which JSON has the names with SIG
		line = set.ReplaceAllString(line, "")
	}
	for _, s := range tokens.FindAllString(line, -1) {
		switch {
		case s[0] == '"':
			// Under -X raw, addresses are the bytes that they have in memory.
			if p, ok := unquote(s[1 : len(s)-1]); ok && !numbers && !v.strings[p] {
				return "the string " + s
			}
		case s[0] == '-' || s[0] >= '0' && s[0] <= '9':
			n, err := strconv.ParseInt(s, 0, 64)
			u := uint64(n)
			if err != nil {
				if u, err = strconv.ParseUint(s, 0, 64); err != nil {
					continue
				}
			}
			// Of an I/O priority JSON has the parts.
			if numbers && !v.has(u) && !v.strings["IOPRIO_PRIO_VALUE"] {
				return "the number " + s
			}
		case !numbers && strings.Contains(s, "_") && s == strings.ToUpper(s) && !v.words[s] && !spoken[s]:
			return "the name " + s
		}
	}
	return ""
}

// has reports whether v has the number n, of any width.
func (v *values) has(n uint64) bool {
	return v.numbers[n] || v.numbers[uint64(uint32(n))] || v.numbers[uint64(int64(int32(n)))] ||
		v.numbers[uint64(uint16(n))] || v.numbers[uint64(uint8(n))]
}

// unquote undoes the escapes of a string of a trace.
func unquote(s string) (string, bool) {
	var p []byte
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			p = append(p, s[i])
			continue
		}
		if i++; i == len(s) {
			return "", false
		}
		if k := strings.IndexByte(`nrtvf"\`, s[i]); k >= 0 {
			p = append(p, "\n\r\t\v\f\"\\"[k])
			continue
		}
		end, base := i, 8
		for end < len(s) && end < i+3 && s[end] >= '0' && s[end] <= '7' {
			end++
		}
		if s[i] == 'x' {
			i, end, base = i+1, min(i+3, len(s)), 16
		}
		n, err := strconv.ParseUint(s[i:end], base, 8)
		if err != nil {
			return "", false
		}
		p, i = append(p, byte(n)), end-1
	}
	return string(p), true
}
