package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A factLine is one line of a fact file: what a name stands for on each ABI.
type factLine struct {
	name string
	val  [numABI]uint64
	has  abiSet
	text string // errors.txt: what strerror(3) says
}

// factFiles are the files in desc/ that hold facts, not descriptions. A name
// may stand in several; the first one counts, but for what commands.txt says of an ABI.
var factFiles = [...]string{"consts", "extra", "ioctls", "commands", "errors"}

// facts is what was extracted from the kernel's headers.
type facts struct {
	numbers []factLine            // in the order of the file
	files   map[string][]factLine // by file without .txt, in its order
	consts  map[string]*factLine  // of all factFiles
}

// readFacts reads the fact files in dir. A file that is not there has no facts.
func readFacts(dir string) (*facts, error) {
	f := &facts{files: map[string][]factLine{}, consts: map[string]*factLine{}}
	var err error
	if f.numbers, err = readFactFile(filepath.Join(dir, "numbers.txt")); err != nil {
		return nil, err
	}
	for _, name := range factFiles {
		lines, err := readFactFile(filepath.Join(dir, name+".txt"))
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		f.add(name, lines)
	}
	return f, nil
}

// add makes the lines of a file known.
func (f *facts) add(file string, lines []factLine) {
	f.files[file] = lines
	for i := range lines {
		old := f.consts[lines[i].name]
		switch {
		case old == nil:
			f.consts[lines[i].name] = &lines[i]
		case file == "commands":
			both := old.and(&lines[i])
			f.consts[both.name] = &both
		}
	}
}

// and returns l with the values of o for those ABIs that o has.
func (l *factLine) and(o *factLine) factLine {
	both := *l
	both.has |= o.has
	for i := range both.val {
		if o.has.has(i) {
			both.val[i] = o.val[i]
		}
	}
	return both
}

func readFactFile(name string) ([]factLine, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return parseFacts(name, string(text))
}

// parseFacts reads lines of NAME VALUE or NAME and a value for each ABI; "-" is
// no value.
func parseFacts(file, text string) (lines []factLine, err error) {
	n := 0
	for line := range strings.Lines(text) {
		n++
		line, _, _ = strings.Cut(line, "#")
		line, text, _ := strings.Cut(strings.TrimSpace(line), "\"")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		l, err := parseFact(words)
		if err != nil {
			return nil, fmt.Errorf("%s:%d:1: %w", file, n, err)
		}
		l.text = strings.TrimSuffix(text, "\"")
		lines = append(lines, l)
	}
	return lines, nil
}

func parseFact(words []string) (l factLine, err error) {
	l.name = words[0]
	vals := words[1:]
	if len(vals) == 1 {
		vals = slices.Repeat(vals, numABI)
	}
	if len(vals) != numABI {
		return l, fmt.Errorf("%s has %d values, want 1 or %d", l.name, len(vals), numABI)
	}
	for i, w := range vals {
		if w == "-" {
			continue
		}
		l.has |= 1 << i
		if l.val[i], err = factValue(w); err != nil {
			return l, err
		}
	}
	return l, nil
}

func factValue(w string) (uint64, error) {
	if strings.HasPrefix(w, "-") {
		v, err := strconv.ParseInt(w, 0, 64)
		return uint64(v), err
	}
	return strconv.ParseUint(w, 0, 64)
}
