package cases

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"strait/forkexec"

	"golang.org/x/sys/unix"
)

// A scratch is the folders and files that a case runs in.
type scratch struct {
	root  string // of all
	work  string // where the program starts
	build string // $BUILD
	tmp   string // $TMPDIR
	home  string // $HOME
	out   [3]string
	files [3]*os.File // stdin, stdout, stderr
}

func newScratch(c *Case) (*scratch, error) {
	root, err := makeRoot()
	if err != nil {
		return nil, fmt.Errorf("make the scratch folder: %w", err)
	}
	if real, err := filepath.EvalSymlinks(root); err == nil {
		root = real
	}
	s := &scratch{root: root}
	for dir, p := range map[string]*string{"work": &s.work, "build": &s.build, "tmp": &s.tmp, "home": &s.home} {
		*p = filepath.Join(root, dir)
		if err := os.Mkdir(*p, 0o755); err != nil {
			return nil, errors.Join(fmt.Errorf("make the scratch folder: %w", err), s.remove())
		}
	}
	if c.isPlaced() {
		s.place(c.Command)
	}
	// Another user may have to get there.
	return s, os.Chmod(root, 0o755)
}

// makeRoot makes a folder whose name is as long in every run: programs write the
// lengths of names.
func makeRoot() (string, error) {
	tmp, err := filepath.Abs(os.TempDir())
	if err != nil {
		return "", err
	}
	for {
		dir := filepath.Join(tmp, fmt.Sprintf("strait-test-%010d", rand.Uint32()))
		err := os.Mkdir(dir, 0o700)
		if !errors.Is(err, fs.ErrExist) {
			return dir, err
		}
	}
}

// remove removes all of it, whatever the program made unreadable.
func (s *scratch) remove() error {
	for _, f := range s.files {
		if f != nil {
			f.Close()
		}
	}
	err := os.RemoveAll(s.root)
	if err == nil {
		return nil
	}
	_ = filepath.WalkDir(s.root, func(p string, d fs.DirEntry, _ error) error {
		if d != nil && d.IsDir() {
			_ = os.Chmod(p, 0o700)
		}
		return nil
	})
	return os.RemoveAll(s.root)
}

// fill makes the files of the case, and those that the program's output goes to.
func (s *scratch) fill(c *Case) error {
	for i := range c.Files {
		if err := s.file(c, &c.Files[i]); err != nil {
			return &Failure{c.Files[i].Pos, err.Error()}
		}
	}
	in := []byte(c.Stdin.Text)
	if c.Stdin.File != "" {
		var err error
		if in, err = os.ReadFile(c.path(c.Stdin.File)); err != nil {
			return &Failure{c.Stdin.Pos, "stdin: " + err.Error()}
		}
	}
	for i, name := range []string{"stdin", "stdout", "stderr"} {
		s.out[i] = filepath.Join(s.root, name)
		if i > 0 {
			in = nil
		}
		if err := os.WriteFile(s.out[i], in, 0o666); err != nil {
			return err
		}
		flag := os.O_RDONLY
		if i > 0 {
			flag = os.O_WRONLY
		}
		f, err := os.OpenFile(s.out[i], flag, 0)
		if err != nil {
			return err
		}
		s.files[i] = f
	}
	return nil
}

func (s *scratch) file(c *Case, f *File) error {
	name := filepath.Join(s.work, f.Name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	mode := f.Mode
	switch {
	case f.Link != "":
		return os.Symlink(f.Link, name)
	case f.Dir:
		return os.MkdirAll(name, 0o755)
	case f.From != "":
		return copyTree(name, c.path(f.From), mode)
	case mode == 0:
		mode = 0o644
	}
	if err := os.WriteFile(name, []byte(f.Text), 0o600); err != nil {
		return err
	}
	return os.Chmod(name, mode)
}

func copyTree(to, from string, mode os.FileMode) error {
	st, err := os.Stat(from)
	if err != nil {
		return err
	}
	if st.IsDir() {
		return os.CopyFS(to, os.DirFS(from))
	}
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if mode == 0 {
		mode = st.Mode().Perm()
	}
	if err := os.WriteFile(to, text, 0o600); err != nil {
		return err
	}
	return os.Chmod(to, mode)
}

// give makes the files another user's.
func (s *scratch) give(uid, gid int) error {
	return filepath.WalkDir(s.root, func(p string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(p, uid, gid)
	})
}

// needs says which of the programs that a case cannot do without is missing.
func (c *Case) needs() string {
	for _, n := range c.Needs {
		if n == "root" {
			if os.Geteuid() != 0 {
				return "it needs root"
			}
			continue
		}
		if c.lookPath(n) == "" {
			return n + " is not there"
		}
	}
	if c.User != "" && os.Geteuid() != 0 {
		return "user: it needs root"
	}
	return ""
}

// indented is output below a message, shortened.
func indented(out []byte) string {
	text := strings.TrimRight(string(out), "\n")
	if text == "" {
		return ""
	}
	lines := strings.Split(text, "\n")
	if len(lines) > 20 {
		lines = append(lines[:20], fmt.Sprintf("... and %d lines more", len(lines)-20))
	}
	for i, l := range lines {
		lines[i] = shownLine(l)
	}
	return "\n  " + strings.Join(lines, "\n  ")
}

// longestLine is how much of a line of output is shown, in bytes.
const longestLine = 300

// shownLine is a line of a program's output as it stands in a message: what a terminal
// or a reader of XML would take for something else is escaped, as in Go.
func shownLine(s string) string {
	var b strings.Builder
	for i, r := range s {
		if i >= longestLine {
			return fmt.Sprintf("%s... and %d bytes more", b.String(), len(s)-i)
		}
		_, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\t' || r == utf8.RuneError && n > 1 || r != utf8.RuneError && unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			quoted := strconv.Quote(s[i : i+n])
			b.WriteString(quoted[1 : len(quoted)-1])
		}
	}
	return b.String()
}

// command is what is started.
func (s *scratch) command(c *Case) (*forkexec.Cmd, error) {
	name, args := s.line(c)
	path, err := s.program(c, name)
	if err != nil {
		return nil, &Failure{c.place("run"), err.Error()}
	}
	cmd := &forkexec.Cmd{
		Path: path, Args: args, Dir: s.work, Env: s.environ(c), CloseFiles: true,
		// kill(0, ...) is not to be for us, and a terminal is not there in CI either.
		Setsid: true,
		Files:  []int{int(s.files[0].Fd()), int(s.files[1].Fd()), int(s.files[2].Fd())},
		Limits: forkexec.Limits{
			CPU: c.Limits.CPU, Memory: c.Limits.Memory, FileSize: c.Limits.FileSize, Procs: c.Limits.Procs, OpenFiles: c.Limits.OpenFiles,
		},
	}
	if c.User != "" {
		if cmd.Credential, err = credential(c.User); err != nil {
			return nil, &Failure{c.place("user"), fmt.Sprintf("user: no user %s here: %v", c.User, err)}
		}
		if err := s.give(int(cmd.Credential.UID), int(cmd.Credential.GID)); err != nil {
			return nil, err
		}
	}
	if c.Command != nil {
		c.Command.set(cmd)
	}
	c.namespaces(cmd)
	if c.Settings != nil {
		c.Settings(cmd)
	}
	return cmd, nil
}

// line is the name of the program and its arguments.
func (s *scratch) line(c *Case) (name string, args []string) {
	if c.Command != nil {
		return c.Command.Path, c.Command.Args
	}
	for _, a := range c.Run {
		args = append(args, strings.NewReplacer("$CASE", c.Dir, "${CASE}", c.Dir, "$BUILD", s.build, "${BUILD}", s.build).Replace(a))
	}
	return args[0], args
}

// program finds the program: where the case or the scratch folder has it, or in
// $PATH.
func (s *scratch) program(c *Case, name string) (string, error) {
	if filepath.IsAbs(name) {
		if _, err := os.Stat(name); err != nil {
			return "", fmt.Errorf("run: no program %s: %w", name, errors.Unwrap(err))
		}
		return name, nil
	}
	if !strings.Contains(name, "/") {
		path := c.lookPath(name)
		if path == "" {
			return "", fmt.Errorf("run: no program %q in $PATH (say ./%s if it is the case's)", name, name)
		}
		return path, nil
	}
	for _, dir := range []string{s.work, c.Dir} {
		if st, err := os.Stat(filepath.Join(dir, name)); err == nil && !st.IsDir() {
			return filepath.Join(dir, name), nil
		}
	}
	return "", fmt.Errorf("run: no program %s: it is neither among the files of the case nor in %s", name, c.Dir)
}

// lookPath finds a program in the $PATH of the case, or else in ours.
func (c *Case) lookPath(name string) string {
	for _, dir := range filepath.SplitList(cmp.Or(c.Env["PATH"], searchPath)) {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil && filepath.IsAbs(path) {
			return path
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return ""
	}
	path, _ = filepath.Abs(path)
	return path
}

// searchPath is $PATH in a case that does not say another.
const searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// environ is the environment: the same on every machine, unless the case says
// otherwise.
func (s *scratch) environ(c *Case) []string {
	env := map[string]string{
		"PATH": searchPath, "HOME": s.home, "TMPDIR": s.tmp, "LANG": "C", "TZ": "UTC", "USER": "test", "LOGNAME": "test", "SHELL": "/bin/sh",
	}
	for k, v := range c.Env {
		env[k] = os.Expand(v, func(name string) string {
			switch name {
			case "CASE":
				return c.Dir
			case "BUILD":
				return s.build
			case "PWD":
				return s.work
			}
			return os.Getenv(name)
		})
	}
	out := make([]string, 0, len(env))
	for k, v := range env {
		out = append(out, k+"="+v)
	}
	slices.Sort(out)
	return out
}

// anotherUser says whether the program runs as somebody who is not root.
func (c *Case) anotherUser() bool {
	if c.User == "" {
		return false
	}
	k, err := credential(c.User)
	return err == nil && k.UID != 0
}

// credential reads NAME or UID:GID.
func credential(s string) (*forkexec.Credential, error) {
	if uid, gid, ok := strings.Cut(s, ":"); ok {
		u, err := strconv.ParseUint(uid, 10, 32)
		g, err2 := strconv.ParseUint(gid, 10, 32)
		return &forkexec.Credential{UID: uint32(u), GID: uint32(g)}, errors.Join(err, err2)
	}
	u, err := user.Lookup(s)
	if err != nil {
		return nil, err
	}
	return credential(u.Uid + ":" + u.Gid)
}

// namespaces sets the namespaces of the case. Who is not root needs one of users
// for the others, in which he is himself.
func (c *Case) namespaces(cmd *forkexec.Cmd) {
	for _, n := range c.Namespaces {
		cmd.Namespaces |= namespaceFlags[n]
	}
	if cmd.Namespaces == 0 {
		return
	}
	if os.Geteuid() != 0 {
		cmd.Namespaces |= unix.CLONE_NEWUSER
	}
	if cmd.Namespaces&unix.CLONE_NEWUSER != 0 {
		uids, gids := []uint32{uint32(os.Getuid())}, []uint32{uint32(os.Getgid())}
		if k := cmd.Credential; k != nil {
			uids, gids = append(uids, k.UID), append(gids, k.GID)
			cmd.AllowSetgroups = true // to have none
		}
		cmd.UIDMap, cmd.GIDMap = sameIDs(uids), sameIDs(gids)
	}
}

// sameIDs maps ids to themselves.
func sameIDs(ids []uint32) []forkexec.IDMap {
	slices.Sort(ids)
	var out []forkexec.IDMap
	for _, id := range slices.Compact(ids) {
		out = append(out, forkexec.IDMap{Inside: id, Outside: id, Count: 1})
	}
	return out
}
