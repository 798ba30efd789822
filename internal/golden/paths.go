package golden

import (
	"cmp"
	"path"
	"slices"
	"strconv"
	"strings"

	"strait/internal/lazyregexp"
	"strait/internal/tracefile"
)

// A namer says what files are called whichever run and machine it is.
type namer struct {
	paths []Replacement
	temps map[string]string // what was made under a name nobody chose: its name here
	ports map[string]bool   // that the kernel chose
	execs map[string]bool   // names of programs that were run
	known map[string]bool   // what isKnown has found
	pids  map[string]bool   // of the processes
	drawn map[int]bool      // threads that asked for random bytes right before
	gone  map[string]bool   // files that were removed or renamed
	shown map[string]bool   // ids of processes that names of files have
	words []Replacement     // what texts have of all this, the longest first

	candidates map[string]candidate // files that were made
}

func newNamer(o *Options) *namer {
	n := &namer{paths: slices.Clone(o.Paths), temps: map[string]string{}, ports: map[string]bool{}, execs: map[string]bool{}, known: map[string]bool{}}
	n.pids, n.drawn, n.gone, n.candidates = map[string]bool{}, map[int]bool{}, map[string]bool{}, map[string]candidate{}
	n.shown = map[string]bool{}
	if o.CWD != "" {
		n.paths = append(n.paths, Replacement{o.CWD, "."})
	}
	slices.SortStableFunc(n.paths, func(a, b Replacement) int { return len(b.Path) - len(a.Path) })
	return n
}

var (
	// version is of libraries and programs: libc-2.36.so, python3.11, cpython-311.
	version   = lazyregexp.New(`([a-z])(?:-?\d+(?:\.\d+)+|-\d{2,})`)
	soVersion = lazyregexp.New(`\.so(?:\.\d+)+$`)
	// triple is Debian's directory for an architecture.
	triple = lazyregexp.New(`^(?:x86_64|i386|aarch64|arm|riscv64)-linux-(?:gnu|musl)[a-z0-9]*$`)
	procID = lazyregexp.New(`^/proc/\d+`)
)

// name returns what a file is called.
func (n *namer) name(s string) string {
	return hashes(n.plainName(s))
}

// hash is a digest, as names of files have it: of git's objects, of caches.
var hash = lazyregexp.New(`(\.git/objects/)[0-9a-f]{2}(?:(/)(?:[0-9a-f]{62}|[0-9a-f]{38})\b|(/|$))|(^|/)(?:[0-9a-f]{2}/)?(?:[0-9a-f]{64}|[0-9a-f]{40})\b`)

// hashes puts HASH in the place of digests: they tell what is in a file and when it was
// made, which is not what a call does.
func hashes(s string) string {
	if len(s) < len(".git/objects/00") {
		return s
	}
	return hash.ReplaceAllStringFunc(s, func(m string) string {
		dir, object, ok := strings.Cut(m, ".git/objects/")
		switch {
		case ok && strings.HasSuffix(object, "/"):
			return dir + ".git/objects/HASH/"
		case ok && len(object) > 2:
			return dir + ".git/objects/HASH/HASH"
		case ok:
			return dir + ".git/objects/HASH"
		case m[0] == '/':
			return "/HASH"
		}
		return "HASH"
	})
}

// isFanOut says whether a file is one of git's 256 folders of objects: which of them
// there are, and which are made, depends on digests. So does whether a file in one
// is missing together with it.
func isFanOut(name, errno string) bool {
	return strings.HasSuffix(name, ".git/objects/HASH") || errno == "ENOENT" && strings.HasSuffix(name, ".git/objects/HASH/TEMP")
}

func (n *namer) plainName(s string) string {
	s = strings.TrimSuffix(s, " (deleted)")
	if strings.HasSuffix(s, "/.") || strings.Contains(s, "//") || strings.Contains(s, "/./") {
		if s = path.Clean(s); s[0] != '/' && s[0] != '.' {
			s = "./" + s
		}
	}
	switch s {
	case "":
		return ""
	case ".":
		return "./"
	}
	for i := len(s); i > 0; i = strings.LastIndexByte(s[:i], '/') { // the folders before i are as they were
		if t, ok := n.temps[s[:i]]; ok {
			s, i = t+s[i:], len(t)
		}
	}
	s = withoutIDs(s, n.shown)
	for _, r := range n.paths {
		if rest, ok := strings.CutPrefix(s, r.Path); ok && (rest == "" || rest[0] == '/') {
			return tidy(r.Name, rest)
		}
	}
	s = procID.ReplaceAllString(s, "/proc/PID")
	for _, dir := range []string{"/bin", "/sbin", "/lib", "/lib64"} {
		if s == dir || strings.HasPrefix(s, dir+"/") {
			s = "/usr" + s // they are links, wherever they still are
			break
		}
	}
	if !isSystem(s) {
		return s
	}
	return systemName(s)
}

func tidy(name, rest string) string {
	switch {
	case name == "." && rest == "":
		return "./"
	case name == "/" && rest != "":
		return rest
	}
	return name + rest
}

// isSystem says whether a file belongs to the system: which version it is, is the
// machine's affair.
func isSystem(s string) bool {
	return strings.HasPrefix(s, "/usr/") || strings.HasPrefix(s, "/opt/") || strings.Contains(s, "/lib/python")
}

func systemName(s string) string {
	parts := strings.Split(s, "/")
	out := parts[:0]
	for i, p := range parts {
		switch {
		case triple.MatchString(p):
			continue
		case p == "lib64" && i == 2:
			p = "lib"
		case p == "sbin" && i == 2:
			p = "bin"
		}
		p = soVersion.ReplaceAllString(p, ".so")
		out = append(out, version.ReplaceAllString(p, "$1"))
	}
	return strings.Join(out, "/")
}

// searchDirs are where programs are looked for.
var searchDirs = []string{"/usr/local/bin", "/usr/bin"}

// program returns what a program is called: one of the system by its name alone.
func (n *namer) program(s string) string {
	s = n.name(s)
	if dir, base := path.Split(s); slices.Contains(searchDirs, strings.TrimSuffix(dir, "/")) {
		return base
	}
	return s
}

// isSearch says whether a look at a path is a part of the search for a program:
// it is in one of the places for programs, or one that is run elsewhere is not
// there, or in a folder of somebody else's.
func (n *namer) isSearch(s, errno string) bool {
	dir, base := path.Split(n.name(s))
	if slices.Contains(searchDirs, strings.TrimSuffix(dir, "/")) {
		return true
	}
	return (errno == "ENOENT" || errno == "EACCES" || errno == "ENOTDIR") && n.execs[base]
}

// learn looks for names that nobody chose: ports that bind(2) and connect(2) were left to choose, and
// names of files that are made under one by chance, which settle decides.
func (n *namer) learn(e *Step) {
	if pid := e.process(); pid != 0 {
		n.pids[strconv.Itoa(pid)] = true
	}
	if e.Kind != tracefile.Call {
		return
	}
	drawn := n.drawn[e.TID]
	delete(n.drawn, e.TID)
	if (e.Name == "getsockname" || strings.HasPrefix(e.Name, "accept")) && len(e.Args) > 1 {
		n.learnPort(e.Args[1])
		return
	}
	if e.Name == "getrandom" {
		n.drawn[e.TID] = true
		return
	}
	name := e.pathOf()
	if name == "" || e.Errno != "" && e.Errno != "ENOENT" {
		return
	}
	if strings.HasPrefix(e.Name, "exec") {
		if e.Errno == "" {
			n.execs[path.Base(name)] = true
		}
		return
	}
	all := strings.Join(e.Args, " ")
	last := e.Args[len(e.Args)-1]
	switch plainName(e) {
	case "stat", "access":
		if e.Errno != "" { // mktemp -u asks whether it is there, and no more
			n.made(name, candidate{looked: true})
		}
	case "unlink", "rmdir", "rename":
		n.gone[name] = true
	case "open":
		if strings.Contains(all, "O_CREAT") {
			n.made(name, candidate{
				alone: strings.Contains(all, "O_EXCL"), drawn: drawn, missing: e.Errno != "",
				owner: strings.Contains(last, "0600") && strings.Contains(all, "O_RDWR"),
			})
		}
	case "mkdir":
		n.made(name, candidate{alone: last == "0700", drawn: drawn, owner: last == "0700", missing: e.Errno != ""})
	case "mknod", "symlink", "bind":
		n.made(e.madePath(), candidate{alone: true, drawn: drawn})
	case "link":
		n.made(e.madePath(), candidate{alone: true, drawn: drawn})
	}
	if plainName(e) == "rename" {
		n.made(e.madePath(), candidate{})
	}
}

// A candidate is a file that was made, and how.
type candidate struct {
	alone bool // only if it was not there: O_EXCL and the like
	owner bool // for its owner alone, as mkstemp(3) and mkdtemp(3) do
	drawn bool // the thread asked for random bytes right before
	// missing says that it was not made, for want of its folder.
	missing bool
	// looked says that somebody looked for it in vain, and it was not made otherwise.
	looked bool
}

func (n *namer) made(name string, c candidate) {
	if name == "" {
		return
	}
	if was, ok := n.candidates[name]; ok {
		c = candidate{c.alone || was.alone, c.owner || was.owner, c.drawn || was.drawn, c.missing && was.missing, c.looked && was.looked}
	}
	n.candidates[name] = c
}

// madePath is the file that a link, rename, symlink, mknod or bind makes.
func (e *Step) madePath() string {
	out := ""
	for i := range e.Pairs {
		if p := &e.Pairs[i]; p.Effect == "fs.create" && p.Known && p.Path != "" {
			out = p.Path
		}
	}
	return out
}

// settle decides which of the files that were made have names by chance.
func (n *namer) settle() {
	likes := map[string]bool{} // what temporary names begin with, which others begin with too
	for name, c := range n.candidates {
		base := path.Base(name)
		if strings.HasSuffix(hashes(name), "/HASH") { // that says more
			continue
		}
		switch own := n.withoutChance(base); {
		case c.looked:
			if mktempName.MatchString(base) {
				n.temps[name] = path.Join(path.Dir(name), "TEMP")
			}
		case c.alone && (isTemporary(base, c, n.gone[name] || c.missing) || c.owner && n.gone[name] && gitProbe.MatchString(name)):
			n.temps[name] = path.Join(path.Dir(name), "TEMP"+extension(base))
			if like := beginning(name); c.owner && like != "" {
				likes[like] = true
			}
		case own != base:
			n.temps[name] = path.Join(path.Dir(name), own)
		}
	}
	for name, c := range n.candidates {
		if _, ok := n.temps[name]; !ok && c.alone && c.owner && likes[beginning(name)] {
			n.temps[name] = path.Join(path.Dir(name), "TEMP"+extension(path.Base(name)))
		}
	}
	n.words = slices.Clone(n.paths)
	for made := range n.temps {
		n.words = append(n.words, Replacement{made, n.name(made)})
		if base := path.Base(made); madeName.MatchString(base) { // as who is in that folder writes it
			n.words = append(n.words, Replacement{base, path.Base(n.name(made))})
		}
	}
	slices.SortFunc(n.words, func(a, b Replacement) int {
		return cmp.Or(len(b.Path)-len(a.Path), strings.Compare(a.Path, b.Path))
	})
}

// beginning is a temporary file's name without the characters at its end, or "" if that
// leaves nothing: a program gives all its temporary files one.
func beginning(name string) string {
	dir, base := path.Split(name)
	stem := strings.TrimSuffix(base, extension(base))
	if len(stem) < 8 || !madeName.MatchString(stem) {
		return ""
	}
	return dir + stem[:len(stem)-6] + " " + extension(base)
}

var (
	digits = lazyregexp.New(`(^|[^A-Za-z0-9])(\d{3,})(?:$|[^A-Za-z0-9])`)
	// moment is a day, or the seconds since 1970, as names of files have them.
	moment = lazyregexp.New(`20\d\d(-?)(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12]\d|3[01])(?:[T_-]?[0-2]\d[:-]?[0-5]\d(?:[:-]?[0-5]\d)?Z?)?`)
	epoch  = lazyregexp.New(`\b1[5-9]\d{8}(?:\.?\d{3,9})?\b`)
)

// withoutChance is a name without the moment and the id of the process that made it.
func (n *namer) withoutChance(base string) string {
	s := moment.ReplaceAllString(epoch.ReplaceAllString(base, "TIME"), "TIME")
	for _, m := range digits.FindAllStringSubmatch(s, -1) {
		if n.pids[m[2]] {
			n.shown[m[2]] = true
			s = strings.Replace(s, m[0], strings.Replace(m[0], m[2], "PID", 1), 1)
		}
	}
	return s
}

// withoutIDs puts PID in the place of these ids, where they stand alone.
func withoutIDs(s string, ids map[string]bool) string {
	if len(ids) == 0 {
		return s
	}
	for _, m := range digits.FindAllStringSubmatch(s, -1) {
		if ids[m[2]] {
			s = strings.Replace(s, m[0], strings.Replace(m[0], m[2], "PID", 1), 1)
		}
	}
	return s
}

// extension is what stays of a temporary name.
func extension(base string) string {
	if m := ofGCC.FindStringSubmatch(base); m != nil {
		return m[1]
	}
	ext := path.Ext(base)
	if ext == base || len(ext) > 5 || strings.ContainsAny(ext, "0123456789") || len(base)-len(ext) < 6 {
		return ""
	}
	return ext
}

// pathOf is the file that a call is about, as far as it can be told.
func (e *Step) pathOf() string {
	for i := range e.Pairs {
		if e.Pairs[i].Known && e.Pairs[i].Path != "" {
			return e.Pairs[i].Path
		}
	}
	for _, a := range e.Args {
		if strings.HasPrefix(a, `"`) {
			return unquote(a)
		}
	}
	return ""
}

var (
	madeName = lazyregexp.New(`[A-Za-z0-9_]{6}$`)
	// afterwards is what tells of letters alone that they stand behind something.
	afterwards  = lazyregexp.New(`(?:[.-][A-Za-z0-9_]{6,}|_[A-Za-z0-9]{6})$`)
	digitInside = lazyregexp.New(`[0-9][A-Za-z0-9_]*[A-Za-z]`)
	uuid        = lazyregexp.New(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	ofGCC       = lazyregexp.New(`^cc[A-Za-z0-9]{6}(\.[a-z.]+)$`)
	// byPrefix are names whose beginning tells: of Python's tempfile, mktemp(1), GCC, sed -i, sort.
	byPrefix   = lazyregexp.New(`^(?:tmp[a-z0-9_]{8}|tmp\.[A-Za-z0-9]{10}|(?:cc|sed|sort)[A-Za-z0-9]{6})$`)
	mktempName = lazyregexp.New(`^tmp\.[A-Za-z0-9]{10}$`)
	// gitProbe is the file by which git init tries a file system.
	gitProbe = lazyregexp.New(`\.git/t[A-Za-z0-9]{6}$`)
	// pythonProbe is the file by which Python's tempfile tries a folder.
	pythonProbe = lazyregexp.New(`^[a-z0-9_]{8}$`)
)

// isTemporary says whether a name is by chance: something tells so - the file is made as
// mkstemp(3) makes them, random bytes were asked for, it is gone in the end -, and at
// its end are six characters that are no word; of letters alone, and of a word with
// a number, more has to tell than that it is its owner's alone.
func isTemporary(base string, c candidate, gone bool) bool {
	stem := strings.TrimSuffix(base, extension(base))
	if uuid.MatchString(stem) {
		return true
	}
	if c.owner && (byPrefix.MatchString(stem) || gone && pythonProbe.MatchString(base)) {
		return true
	}
	m := madeName.FindStringSubmatch(stem)
	if m == nil {
		return false
	}
	has := func(set string) bool { return strings.ContainsAny(m[0], set) }
	lower, upper, digit := has("abcdefghijklmnopqrstuvwxyz"), has("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), has("0123456789")
	told := c.drawn || gone
	switch {
	case !told && !c.owner:
		return false
	case lower && upper, digit && digitInside.MatchString(m[0]):
		return true
	case digit && !lower && !upper: // as Go's os.CreateTemp makes them
		return c.owner || gone
	case digit:
		return told
	}
	return told && afterwards.MatchString(stem) || c.owner && c.drawn || gone && byPrefix.MatchString(stem)
}

var portWord = lazyregexp.New(`sin6?_port=htons\((\d+)\)`)

// firstEphemeral is where the kernel's choice of ports begins, if nobody says
// otherwise: ip_local_port_range in ip(7).
const firstEphemeral = 32768

func (n *namer) learnPort(addr string) {
	m := portWord.FindStringSubmatch(addr)
	if m == nil {
		return
	}
	if port, err := strconv.Atoi(m[1]); err == nil && port >= firstEphemeral {
		n.ports[m[1]] = true
	}
}
