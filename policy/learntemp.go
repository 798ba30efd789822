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
		if n < 2 || !l.made[dir+"/"+name] {
			return "", false
		}
		pattern := dir + "/" + escape(name[:n]) + "*"
		if below {
			pattern += "/**"
		}
		return pattern, true
	}
	return "", false
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
