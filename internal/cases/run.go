package cases

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"strait/internal/golden"
	"strait/policy"

	"github.com/google/renameio/v2"
)

// RunOptions say how cases are run.
type RunOptions struct {
	Update  bool          // golden traces are written, not compared
	Timeout time.Duration // of a case that does not say it; 0: DefaultTimeout
	Updater string        // what to do for Update, in messages; "": -update
}

func (o *RunOptions) updater() string { return cmp.Or(o.Updater, "-update") }

// errLeft and errTimeout end a run.
var (
	errLeft    = errors.New("processes are left behind")
	errTimeout = errors.New("it takes too long")
	errOutput  = errors.New("it writes too much")
)

// Test runs a case and says how it went.
func (c *Case) Test(ctx context.Context, o RunOptions) *Result {
	began := time.Now()
	r := &Result{Case: c}
	defer func() { r.Duration = time.Since(began) }()
	if c.broken != nil {
		r.Failures = c.broken
		return r
	}
	if r.Skipped = cmp.Or(c.Skip, c.needs()); r.Skipped != "" {
		return r
	}
	t := &trial{c: c, o: o, r: r, timeout: cmp.Or(c.Timeout, o.Timeout, DefaultTimeout)}
	if err := t.all(ctx); err != nil {
		t.error(err)
	}
	if len(c.Fails) > 0 {
		r.expectFailures()
	}
	return r
}

// path is where a file is that the case names.
func (c *Case) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(c.Dir, name)
}

// shown is the name of such a file in messages: from where the case was named.
func (c *Case) shown(name string) string {
	if filepath.IsAbs(name) || c.Pos.File == "" {
		return name
	}
	return filepath.Join(filepath.Dir(c.Pos.File), name)
}

// A trial is one test of a case.
type trial struct {
	c       *Case
	o       RunOptions
	r       *Result
	timeout time.Duration
	build   string // of the first run, for a second
}

func (t *trial) error(err error) {
	var f *Failure
	if !errors.As(err, &f) {
		f = &Failure{t.c.Pos, err.Error()}
	}
	t.r.Failures = append(t.r.Failures, f)
}

// all builds the program, runs it, and looks at what it did.
func (t *trial) all(ctx context.Context) (err error) {
	s, err := newScratch(t.c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.remove()) }()
	buildCtx, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()
	if err := s.make(buildCtx, t.c); err != nil {
		return err
	}
	t.build = s.build
	if t.c.Limits.Procs > 0 && os.Geteuid() == 0 && !t.c.anotherUser() {
		at := &Failure{t.c.place("limits"), "limits: procs does not hold root, who may make any number of processes (setrlimit(2)): say user:"}
		t.r.Notes = append(t.r.Notes, at.Error())
	}
	rec, err := t.once(ctx, s, t.c.stacksAtOnce())
	if err != nil {
		return err
	}
	t.c.Expect.end(rec, t.r)
	if err := t.outputs(s); err != nil {
		return err
	}
	for _, chk := range rec.checks {
		chk.report(t.r)
	}
	for _, k := range rec.counters {
		if n := rec.total(k); !k.Holds(n) {
			t.r.fail(k.Pos, "%s: it was %s", k.Text, k.format(n))
		}
	}
	if t.c.Expect.Golden == nil {
		return nil
	}
	return t.golden(ctx, s, rec)
}

// format writes a number as the count has it.
func (c *Count) format(n int64) string {
	if c.What == "peak memory" {
		return fmt.Sprintf("%.1fM", float64(n)/(1<<20))
	}
	return fmt.Sprint(n)
}

// once runs the program one time. An error is one that there is nothing to look at
// after.
func (t *trial) once(ctx context.Context, s *scratch, stacks bool) (*recorder, error) {
	x := &t.c.Expect
	if err := s.fill(t.c); err != nil {
		return nil, err
	}
	cmd, err := s.command(t.c)
	if err != nil {
		return nil, err
	}
	checks, err := x.checks(s.vars())
	if err != nil {
		return nil, err
	}
	var counters []*counter
	for i := range x.Counts {
		k, err := newCounter(&x.Counts[i])
		if err != nil {
			return nil, &Failure{x.Counts[i].Pos, err.Error()}
		}
		counters = append(counters, k)
	}
	rec := newRecorder(checks, counters)
	rec.stacks, rec.own = stacks, t.replacer(s)
	if x.Golden != nil {
		rec.record, rec.depth = true, x.Golden.Depth
	}
	run := &running{t: t, s: s, cmd: cmd, rec: rec}
	if x.Policy != "" {
		if err := run.load(s.vars()); err != nil {
			return nil, err
		}
	}
	return rec, run.start(ctx)
}

// vars are the variables of policies and expectations.
func (s *scratch) vars() map[string]string { return map[string]string{"CWD": s.work, "HOME": s.home} }

// end holds how the program ended against what was expected.
func (x *Expect) end(rec *recorder, r *Result) {
	want := fmt.Sprintf("exit with %d", x.Exit)
	if x.Signal != "" {
		want = "be killed by " + x.Signal
	}
	st, at := rec.status, x.EndPos
	if at.Line == 0 {
		at = r.Case.place("run")
	}
	switch {
	case !rec.isOver:
	case x.Signal == "" && st.Signaled(), x.Signal != "" && st.Signaled() && int(st.Signal()) != signalNumber(x.Signal):
		r.fail(at, "it was killed by %s, and was to %s", signalName(int(st.Signal())), want)
	case x.Signal != "" && st.Exited(), st.Exited() && st.ExitStatus() != x.Exit:
		r.fail(at, "it exited with %d, and was to %s", st.ExitStatus(), want)
	}
}

// outputs holds what was written against what was expected. What a program that
// failed wrote to standard error is shown.
func (t *trial) outputs(s *scratch) error {
	for i, want := range []*Output{t.c.Expect.Stdout, t.c.Expect.Stderr} {
		got, err := os.ReadFile(s.out[i+1])
		if err != nil {
			return err
		}
		t.r.Output[i] = got
		name := [...]string{"stdout", "stderr"}[i]
		if want == nil {
			if i == 1 && len(got) > 0 && len(t.r.Failures) > 0 {
				last := t.r.Failures[len(t.r.Failures)-1]
				last.Text += "\n  its standard error:" + strings.ReplaceAll(indented(got), "\n", "\n  ")
			}
			continue
		}
		text := strings.ReplaceAll(string(got), s.work, ".")
		if err := want.check(t.c, name, text, t.r); err != nil {
			return err
		}
	}
	return nil
}

func (o *Output) check(c *Case, name, got string, r *Result) error {
	for _, p := range o.Match {
		if !p.MatchString(got) {
			r.fail(p.Pos, "%s: nothing in it matches %s%s", name, p, indented([]byte(got)))
		}
	}
	if o.File == "" && o.Text.Text == "" && len(o.Match) > 0 {
		return nil
	}
	want := o.Text.Text
	if o.File != "" {
		b, err := os.ReadFile(c.path(o.File))
		if err != nil {
			return &Failure{o.Pos, name + ": " + err.Error()}
		}
		want = string(b)
	}
	if strings.TrimRight(want, "\n") != strings.TrimRight(got, "\n") {
		r.fail(o.Pos, "%s: it is not as expected (- expected, + written)\n%s", name, lineDiff(want, got))
	}
	return nil
}

// mostLines is how many lines of a difference between texts are shown.
const mostLines = 40

// lineDiff shows how two texts differ.
func lineDiff(want, got string) string {
	trace := func(s string) *golden.Trace {
		p := &golden.Process{ID: "1"}
		for line := range strings.Lines(s) {
			p.Lines = append(p.Lines, golden.Line{Text: shownLine(strings.TrimRight(line, "\n"))})
		}
		return &golden.Trace{Depth: golden.Calls, Processes: []*golden.Process{p}}
	}
	var out []string
	for _, s := range golden.Compare(trace(want), trace(got)) {
		for _, d := range s.Lines {
			if d.Kind != golden.New {
				out = append(out, "  - "+d.Was.Text)
			}
			if d.Kind != golden.Gone {
				out = append(out, "  + "+d.Now.Text)
			}
		}
	}
	if n := len(out); n > mostLines {
		out = append(out[:mostLines:mostLines], fmt.Sprintf("  ... and %d lines more", n-mostLines))
	}
	return strings.Join(out, "\n")
}

// replacer puts names that hold in every run in the place of the scratch folder's.
func (t *trial) replacer(s *scratch) *strings.Replacer {
	pairs := []string{s.work, ".", t.build, "$BUILD"}
	if t.c.Command != nil {
		for _, p := range t.c.Command.Paths {
			pairs = append(pairs, p.Path, p.Name)
		}
	}
	for i, name := range []string{"stdin", "stdout", "stderr"} {
		pairs = append(pairs, s.out[i], name)
	}
	return strings.NewReplacer(append(pairs, s.home, "~", s.tmp, "/tmp")...)
}

// goldenOptions are those of the case's golden trace.
func (t *trial) goldenOptions(s *scratch) golden.Options {
	g := t.c.Expect.Golden
	o := golden.Options{
		Depth: g.Depth, Noise: t.c.Noise, AnyOrder: g.AnyOrder,
		Paths: []golden.Replacement{
			{Path: s.work, Name: "."},
			{Path: t.build, Name: "$BUILD"},
			{Path: s.tmp, Name: "/tmp"},
			{Path: s.home, Name: "~"},
			{Path: s.root, Name: "$SCRATCH"}, // whoever looks for a repository goes through it
			{Path: s.out[0], Name: "stdin"},
			{Path: s.out[1], Name: "stdout"},
			{Path: s.out[2], Name: "stderr"},
		},
	}
	if t.c.Command != nil {
		o.Paths = append(o.Paths, t.c.Command.Paths...)
	}
	if dir, err := filepath.Abs(t.c.Dir); err == nil {
		o.Paths = append(o.Paths, golden.Replacement{Path: dir, Name: "$CASE"})
		if real, err := filepath.EvalSymlinks(dir); err == nil && real != dir {
			o.Paths = append(o.Paths, golden.Replacement{Path: real, Name: "$CASE"})
		}
	}
	return o
}

// golden compares with the golden trace, or writes it. For what is new the program
// runs once more, with stacks: they cost too much to take them every time.
func (t *trial) golden(ctx context.Context, s *scratch, rec *recorder) error {
	g := t.c.Expect.Golden
	path, file := t.c.path(g.File), t.c.shown(g.File)
	now := golden.Build(rec.steps, t.goldenOptions(s))
	text := now.Format()
	src, err := os.ReadFile(path)
	switch {
	case t.o.Update && len(t.c.Fails) > 0: // it has another's
	case t.o.Update && rec.isOver && len(t.r.Failures) == 0:
		if err == nil && string(src) == string(text) {
			return nil
		}
		text = t.secondLook(ctx, now, file).Format()
		if err := writeGolden(path, text); err != nil {
			return &Failure{g.Pos, fmt.Sprintf("golden trace: %s is not written: %v", file, cause(err))}
		}
		t.r.Updated = append(t.r.Updated, file)
		return nil
	case t.o.Update:
		t.r.fail(g.Pos, "golden trace %s: not written, for what else is wrong", file)
		return nil
	case errors.Is(err, os.ErrNotExist):
		t.r.fail(g.Pos, "golden trace: %s is not there (%s writes it)", file, t.o.updater())
		return nil
	case err != nil:
		return &Failure{g.Pos, fmt.Sprintf("golden trace: %s cannot be read: %v", file, cause(err))}
	}
	was, err := golden.Parse(file, src)
	if err != nil {
		return &Failure{g.Pos, "golden trace: " + err.Error()}
	}
	if was.Depth != g.Depth {
		t.r.fail(g.Pos, "golden trace: %s has depth %s, and the case says %s (%s writes it anew)", file, was.Depth, g.Depth, t.o.updater())
		return nil
	}
	diff := golden.Compare(was, now)
	if len(diff) == 0 {
		return nil
	}
	again := t.withStacks(ctx, diff)
	report := golden.Report(diff, golden.ReportStyle{Stacks: true, Rules: true, Most: 40}, "  ")
	t.r.fail(policy.Pos{File: file, Line: firstLine(diff), Col: 1}, "the behaviour has changed (%s accepts it)%s\n%s", t.o.updater(), again, strings.TrimRight(report, "\n"))
	return nil
}

// writeGolden writes a golden trace so that a failure leaves the old one.
func writeGolden(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // it is for everybody who has the repository
		return err
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	return renameio.WriteFile(path, text, 0o644, renameio.WithExistingPermissions(), renameio.WithTempDir(filepath.Dir(path)))
}

// cause is an error about a file without the name, which the message has as the case
// does.
func cause(err error) error {
	if e := (*fs.PathError)(nil); errors.As(err, &e) {
		return e.Err
	}
	return err
}

// firstLine is the first line of the golden file that a difference is about.
func firstLine(diff []golden.Section) int {
	line := 0
	for i := range diff {
		for k := range diff[i].Lines {
			if at := diff[i].Lines[k].Was.At; at > 0 && (line == 0 || at < line) {
				line = at
			}
		}
		if o := diff[i].Old; line == 0 && o != nil {
			line = o.At
		}
	}
	return max(line, 1)
}

// again runs the program once more and returns what it does then, or nil if that would
// tell nothing: where it runs, what it left is not what it found.
func (t *trial) again(ctx context.Context, stacks bool) *golden.Trace {
	if t.c.isPlaced() {
		return nil
	}
	s, err := newScratch(t.c)
	if err != nil {
		return nil
	}
	defer func() { _ = s.remove() }()
	s.build = t.build
	rec, err := t.once(ctx, s, stacks)
	if err != nil {
		return nil
	}
	return golden.Build(rec.steps, t.goldenOptions(s))
}

// secondLook runs the program once more before a golden trace of it is written: one that
// it does not keep itself would fail for no reason. It returns what is to be
// written, of two the one that got further.
//
// It begins in another second: the time in files and their names has whole ones.
func (t *trial) secondLook(ctx context.Context, now *golden.Trace, file string) *golden.Trace {
	if !t.c.isPlaced() {
		select {
		case <-ctx.Done():
			return now
		case <-time.After(time.Until(time.Now().Truncate(time.Second).Add(time.Second))):
		}
	}
	second := t.again(ctx, false)
	if second == nil {
		return now
	}
	further, diff := furtherOf(now, second)
	if len(diff) == 0 {
		return further
	}
	report := golden.Report(diff, golden.ReportStyle{Most: 10}, "  ")
	t.r.Notes = append(t.r.Notes, fmt.Sprintf("%s: the program does not do the same in every run; "+
		"say what varies under noise:, or take a lesser depth than %s\n%s", file, now.Depth, strings.TrimRight(report, "\n")))
	return now
}

// furtherOf returns of two runs the one that holds for the other, too: of a program that
// SIGPIPE ends, the one that got further. If neither does, it returns the first and
// what is otherwise in the second.
func furtherOf(first, second *golden.Trace) (*golden.Trace, []golden.Section) {
	diff := golden.Compare(first, second)
	switch {
	case len(diff) == 0:
		return first, nil
	case len(golden.Compare(second, first)) == 0:
		return second, nil
	}
	return first, diff
}

// withStacks runs the program once more and puts the stacks of its calls under
// what is new.
func (t *trial) withStacks(ctx context.Context, diff []golden.Section) string {
	now := t.again(ctx, true)
	if now == nil {
		return ""
	}
	missing := 0
	for i := range diff {
		for k := range diff[i].Lines {
			d := &diff[i].Lines[k]
			if d.Kind == golden.Gone {
				continue
			}
			if l := find(now, d.Process.Program, d.Now.Text); l != nil {
				d.Now.Stack = l.Stack
			} else {
				missing++
			}
		}
	}
	if missing > 0 {
		return fmt.Sprintf("; %d of it did not happen in a second run: a flake?", missing)
	}
	return ""
}

func find(t *golden.Trace, program, text string) *golden.Line {
	for _, p := range t.Processes {
		if p.Program != program {
			continue
		}
		if i := slices.IndexFunc(p.Lines, func(l golden.Line) bool { return l.Text == text }); i >= 0 {
			return &p.Lines[i]
		}
	}
	return nil
}

// expectFailures turns the result of a case that is to fail around.
func (r *Result) expectFailures() {
	failed := r.Failures
	r.Failures = nil
	if len(failed) == 0 {
		r.fail(r.Case.Fails[0].Pos, "it was to fail, and passed")
		return
	}
	var all []string
	for _, f := range failed {
		all = append(all, f.Error())
	}
	text := strings.Join(all, "\n")
	for _, p := range r.Case.Fails {
		if !p.MatchString(text) {
			r.fail(p.Pos, "it failed otherwise than by %s:\n  %s", p, strings.ReplaceAll(text, "\n", "\n  "))
		}
	}
}
