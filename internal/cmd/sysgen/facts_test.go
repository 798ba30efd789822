package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const descDir = "../../../syscalls/desc"

// factLines returns the lines of a fact file that are not comments.
func factLines(t *testing.T, name string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(descDir, name))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		t.Fatalf("%s has no facts", name)
	}
	return lines
}

func readTestFacts(t *testing.T, name string) map[string]factLine {
	t.Helper()
	lines, err := readFactFile(filepath.Join(descDir, name))
	if err != nil {
		t.Fatal(err)
	}
	byName := make(map[string]factLine, len(lines))
	for _, l := range lines {
		byName[l.name] = l
	}
	return byName
}

// TestFactFilesAreCanonical holds the files to the form that the extractor
// writes, so that a new extraction differs only where facts do.
func TestFactFilesAreCanonical(t *testing.T) {
	const value = `(?:-|-[1-9]\d*|\d|0x[1-9a-f][0-9a-f]*)`
	constant := regexp.MustCompile(`^\w+ ` + value + `(?: ` + value + `){0,5}$`)
	forms := map[string]*regexp.Regexp{
		"numbers.txt":  regexp.MustCompile(`^\w+(?: (?:-|\d+|0xf000[1-6])){6}$`),
		"aliases.txt":  regexp.MustCompile(`^\w+ \w+$`),
		"consts.txt":   constant,
		"extra.txt":    constant,
		"ioctls.txt":   regexp.MustCompile(`^\w+(?:\(\))? ` + value + `(?: ` + value + `){0,5} # [\w/.-]+\.h$`),
		"commands.txt": regexp.MustCompile(`^\w+ ` + value + `(?: ` + value + `){0,5} # [\w/.-]+\.h$`),
		"errors.txt":   regexp.MustCompile(`^E\w+ \d+ "[^"]+"$`),
	}
	for name, form := range forms {
		t.Run(name, func(t *testing.T) {
			lines := factLines(t, name)
			for _, line := range lines {
				if !form.MatchString(line) {
					t.Errorf("malformed: %s", line)
				}
			}
			if name != "errors.txt" { // by number: TestErrorsAscend
				checkNamesAscend(t, lines)
			}
		})
	}
}

func checkNamesAscend(t *testing.T, lines []string) {
	t.Helper()
	last := ""
	for _, line := range lines {
		name, _, _ := strings.Cut(line, " ")
		name = strings.TrimSuffix(name, "()")
		if name <= last {
			t.Errorf("%s is not after %s", name, last)
		}
		last = name
	}
}

// TestFactsAreBrief: six equal columns are written as one.
func TestFactsAreBrief(t *testing.T) {
	for _, name := range []string{"consts.txt", "extra.txt", "ioctls.txt", "commands.txt"} {
		for _, line := range factLines(t, name) {
			line, _, _ = strings.Cut(line, " #")
			values := strings.Fields(line)[1:]
			if len(values) != 1 && len(values) != numABI {
				t.Errorf("%s: %d columns: %s", name, len(values), line)
			}
			if len(values) == numABI && len(slices.Compact(values)) == 1 {
				t.Errorf("%s: all columns are the same: %s", name, line)
			}
		}
	}
}

func TestErrorsAscend(t *testing.T) {
	last := 0
	for _, line := range factLines(t, "errors.txt") {
		number, err := strconv.Atoi(strings.Fields(line)[1])
		if err != nil || number <= last {
			t.Errorf("%s: not after %d", line, last)
		}
		last = number
	}
}

// TestExtraIsExtra: a name in extra.txt that the headers have too would hide
// what they say.
func TestExtraIsExtra(t *testing.T) {
	consts := readTestFacts(t, "consts.txt")
	for name := range readTestFacts(t, "extra.txt") {
		if _, both := consts[name]; both {
			t.Errorf("%s is in consts.txt", name)
		}
	}
}

// TestNumbersAreUnique: an ABI gives a number to one call.
func TestNumbersAreUnique(t *testing.T) {
	numbers := readTestFacts(t, "numbers.txt")
	for column, a := range abis() {
		owner := map[uint64]string{}
		for name, l := range numbers {
			if l.has&(1<<column) == 0 {
				continue
			}
			if other := owner[l.val[column]]; other != "" {
				t.Errorf("%s: %s and %s are both %d", a.name, name, other, l.val[column])
			}
			owner[l.val[column]] = name
		}
		if len(owner) < 300 {
			t.Errorf("%s has only %d calls", a.name, len(owner))
		}
	}
}

// TestX32Numbers: below 512 x32 has the numbers of amd64
// (arch/x86/entry/syscalls/syscall_64.tbl), and none has the x32 bit.
func TestX32Numbers(t *testing.T) {
	const amd64, x32 = 0, 2
	for name, l := range readTestFacts(t, "numbers.txt") {
		if l.has&(1<<x32) == 0 {
			continue
		}
		if n := l.val[x32]; n < 512 && n != l.val[amd64] || n >= 600 {
			t.Errorf("%s is %d for x32, %d for amd64", name, n, l.val[amd64])
		}
	}
}

// TestAliases: the right side is a call, the left is not.
func TestAliases(t *testing.T) {
	numbers := readTestFacts(t, "numbers.txt")
	for _, line := range factLines(t, "aliases.txt") {
		alias, name, _ := strings.Cut(line, " ")
		if _, found := numbers[name]; !found {
			t.Errorf("%s is another name of %s, which is no call", alias, name)
		}
		if _, found := numbers[alias]; found {
			t.Errorf("%s is a call itself", alias)
		}
	}
}

// TestFactsByABI spot-checks names whose value differs between ABIs, or that
// some lack: columns in the order of abis.
func TestFactsByABI(t *testing.T) {
	tests := []struct{ file, name, want string }{
		{"numbers.txt", "openat", "257 295 257 56 322 56"},
		{"numbers.txt", "rt_sigaction", "13 174 512 134 174 134"},
		{"numbers.txt", "open", "2 5 2 - 5 -"},
		{"numbers.txt", "set_tls", "- - - - 0xf0005 -"},
		{"numbers.txt", "riscv_hwprobe", "- - - - - 258"},
		{"consts.txt", "O_DIRECTORY", "0x10000 0x10000 0x10000 0x4000 0x4000 0x10000"},
		{"consts.txt", "MAP_32BIT", "0x40 0x40 0x40 - - -"},
		{"consts.txt", "AT_FDCWD", "-100"},
		{"consts.txt", "SIGRTMIN", "0x20"},
		{"consts.txt", "MS_NOUSER", "0x80000000"},
		{"consts.txt", "BPF_MAP_TYPE_HASH", "1"}, // an enumeration constant
		{"ioctls.txt", "TCGETS", "0x5401"},
		{"ioctls.txt", "KVM_RUN", "0xae80 0xae80 0xae80 0xae80 - 0xae80"},
		{"ioctls.txt", "VIDIOC_QBUF", "0xc058560f 0xc044560f 0xc050560f 0xc058560f 0xc044560f 0xc058560f"},
		{"ioctls.txt", "BINDER_WRITE_READ", "0xc0306201"}, // an enumeration constant
		{"ioctls.txt", "EVIOCGNAME()", "0x80004506"},
	}
	for _, test := range tests {
		got := ""
		for _, line := range factLines(t, test.file) {
			if rest, found := strings.CutPrefix(line, test.name+" "); found {
				got, _, _ = strings.Cut(rest, " #")
			}
		}
		if got != test.want {
			t.Errorf("%s: %s is %q, want %q", test.file, test.name, got, test.want)
		}
	}
}
