package golden

import (
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
}

func newNamer(o *Options) *namer {
	n := &namer{paths: slices.Clone(o.Paths), temps: map[string]string{}, ports: map[string]bool{}, execs: map[string]bool{}, known: map[string]bool{}}
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
	for i := len(s); i > 0; i = strings.LastIndexByte(s[:i], '/') {
		if t, ok := n.temps[s[:i]]; ok {
			s = t + s[i:]
			break
		}
	}
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
// there.
func (n *namer) isSearch(s, errno string) bool {
	dir, base := path.Split(n.name(s))
	if slices.Contains(searchDirs, strings.TrimSuffix(dir, "/")) {
		return true
	}
	return errno == "ENOENT" && n.execs[base]
}

// learn looks for names that nobody chose: of temporary files, which are made
// with O_EXCL for their owner alone, as mkstemp(3) and mkdtemp(3) do, and ports
// that bind(2) was left to choose.
func (n *namer) learn(e *Step) {
	if e.Kind != tracefile.Call {
		return
	}
	if e.Name == "getsockname" && len(e.Args) > 1 {
		n.learnPort(e.Args[1])
		return
	}
	name := e.pathOf()
	if name == "" || e.Errno != "" {
		return
	}
	if strings.HasPrefix(e.Name, "exec") {
		n.execs[path.Base(name)] = true
		return
	}
	last := e.Args[len(e.Args)-1]
	all := strings.Join(e.Args, " ")
	switch {
	case strings.HasPrefix(e.Name, "open") && strings.Contains(all, "O_EXCL") && strings.Contains(all, "O_CREAT"):
		if !strings.Contains(last, "0600") && !looksMade(path.Base(name)) {
			return
		}
	case strings.HasPrefix(e.Name, "mkdir") && last == "0700":
	default:
		return
	}
	base := path.Base(name)
	stem, ext := base, path.Ext(base)
	if ext == base || len(ext) > 5 || looksMade(ext) {
		ext = ""
	}
	if stem = strings.TrimSuffix(base, ext); len(stem) < 6 {
		return
	}
	if _, ok := n.temps[name]; !ok {
		n.temps[name] = path.Join(path.Dir(name), "TEMP"+ext)
	}
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

var madeName = lazyregexp.New(`[A-Za-z0-9_]{6,}`)

// looksMade says whether a name has a part that looks like mkstemp's: letters
// of both cases and digits mixed.
func looksMade(s string) bool {
	for _, m := range madeName.FindAllString(s, -1) {
		tail := m[len(m)-6:]
		kinds := 0
		for _, set := range []string{"abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"} {
			if strings.ContainsAny(tail, set) {
				kinds++
			}
		}
		if kinds > 1 && strings.Trim(tail, "0123456789") != "" {
			return true
		}
	}
	return false
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
