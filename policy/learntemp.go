package policy

import (
	"path"
	"strings"

	"strait/internal/lazyregexp"
)

// temporaryDirs are where programs make names up anew in each run.
var temporaryDirs = [...]string{"/tmp", "/var/tmp", "/dev/shm"}

// temporary turns a path that the program made up, or one below a directory of
// such a name, into a pattern: /tmp/ccXk2f0a.s is /tmp/cc*, and /tmp/npm-1a2b3c/x
// is /tmp/npm-*/**.
func (l *learner) temporary(s string) (string, bool) {
	for _, dir := range temporaryDirs {
		rest, ok := strings.CutPrefix(s, dir+"/")
		if !ok {
			continue
		}
		name, _, below := strings.Cut(rest, "/")
		n := madeUp(name)
		if !l.made[dir+"/"+name] || n < 2 && !allMadeUp(name) {
			return "", false
		}
		pattern := dir + "/" + escape(name[:n]) + "*"
		if allMadeUp(name) {
			pattern = dir + "/????????"
		}
		if below {
			pattern += "/**"
		}
		return pattern, true
	}
	return "", false
}

// allMadeUp reports whether a name is one that Python's tempfile tries a directory with:
// eight of these, and nothing else.
func allMadeUp(name string) bool {
	letters := strings.IndexFunc(name, func(r rune) bool { return r < 'a' || r > 'z' }) < 0
	return len(name) == 8 && !letters && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

// number matches what may be a process's number.
var number = lazyregexp.New(`\d{3,7}`)

// passing turns the name of a file that was made and is gone again, as what a rename
// puts in another's place is, into a pattern where there is a number in it: the next
// run has another.
func (l *learner) passing(s, p string) (string, bool) {
	dir, name := path.Split(s)
	at := number.FindStringIndex(name)
	if at == nil || !l.made[p] || l.paths["fs.delete"][p] == 0 {
		return "", false
	}
	return escape(dir) + escape(name[:at[0]]) + "*" + escape(name[at[1]:]), true
}

// replaces turns the name that a file has until it is whole, as rsync has it, into a
// pattern: .notes.txt.P8vCH4 is .notes.txt.??????.
func replaces(s string) (string, bool) {
	const random = 6
	dir, name := path.Split(s)
	i := strings.LastIndexByte(name, '.')
	if i <= 0 || name[0] != '.' || len(name)-i-1 != random || madeUpWord(name[i+1:]) < 0 {
		return "", false
	}
	return escape(dir) + escape(name[:i+1]) + strings.Repeat("?", random), true
}

// madeUp returns how many bytes of a name are alike in each run; 0 when all are.
// What mkstemp(3) and its like make up is long and has digits or capitals in it.
func madeUp(name string) int {
	start := 0
	for start < len(name) {
		end := len(name)
		if i := strings.IndexAny(name[start:], "._-"); i >= 0 {
			end = start + i
		}
		if n := madeUpWord(name[start:end]); n >= 0 {
			if start > 0 {
				n = 0 // npm-1a2b3c: the word is made up whole
			}
			return start + n
		}
		start = end + 1
	}
	return 0
}

func madeUpWord(s string) int {
	const shortest = 6
	letters := 0
	for letters < len(s) && 'a' <= s[letters] && s[letters] <= 'z' {
		letters++
	}
	switch {
	case strings.HasPrefix(s, "tmp") && len(s) >= shortest && (letters < len(s) || len(s) == len("tmp")+8):
		return 3 // Python's tempfile: eight more, of which none need be a digit
	case len(s) < shortest || letters == len(s):
		return -1
	}
	return min(letters, 2)
}

// date matches a date, with a time behind it or not, and the seconds of the epoch.
var date = lazyregexp.New(`(?:19|20)\d\d[-_.]?[01]\d[-_.]?[0-3]\d(?:[-_.T: ]?[\d][-_.:\dZ]*\dZ?)?|1\d{9,}`)

// dated replaces the date or time in a name that the program made: the next run
// has another.
func dated(s string) (string, bool) {
	dir, name := path.Split(s)
	at := date.FindStringIndex(name)
	if at == nil {
		return "", false
	}
	return escape(dir) + escape(name[:at[0]]) + "*" + escape(name[at[1]:]), true
}

// noteMade remembers the names that the program made.
func (l *learner) noteMade() {
	l.made = map[string]bool{}
	for _, e := range [...]string{"fs.create", "fs.write"} {
		for p := range l.paths[e] {
			l.made[p] = true
		}
	}
}
