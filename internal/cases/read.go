package cases

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"strait/internal/golden"
	"strait/internal/yamlfault"
	"strait/policy"

	"go.yaml.in/yaml/v3"
)

var caseKeys = []string{
	"version", "name", "about", "skip", "needs", "build", "run", "stdin", "env", "files", "user", "namespaces", "limits", "timeout", "linger",
	"expect", "noise", "fails",
}

// Parse reads a case file: one case, or several with --- between them. A case in
// which something is wrong fails and tells all of it, so that the others run.
func Parse(name string, src []byte) []*Case {
	y := &yamlReader{file: name}
	if f := yamlfault.Unreadable(src); f != nil {
		y.faulty(f)
		return []*Case{brokenFile(name, failures(y.errs))}
	}
	dec := yaml.NewDecoder(bytes.NewReader(src))
	var out []*Case
	for {
		var doc yaml.Node
		err := dec.Decode(&doc)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			y.faulty(yamlfault.Of(src, err))
			break
		}
		if len(doc.Content) > 0 && doc.Content[0].Tag != "!!null" {
			c := y.one(doc.Content[0])
			c.broken, y.errs = failures(y.errs), nil
			out = append(out, c)
		}
	}
	if len(out) == 0 && len(y.errs) == 0 {
		y.fail(&yaml.Node{Line: 1, Column: 1}, "version: 1", "the file has no case")
	}
	if len(y.errs) > 0 {
		out = append(out, brokenFile(name, failures(y.errs)))
	}
	return out
}

// brokenFile stands for what cannot be read of a file.
func brokenFile(name string, why []*Failure) *Case {
	return &Case{Name: defaultName(name), Pos: policy.Pos{File: name, Line: 1, Col: 1}, Dir: filepath.Dir(name), broken: why}
}

func failures(errs policy.Errors) []*Failure {
	var out []*Failure
	for _, e := range errs {
		text := e.Msg
		if e.Hint != "" {
			text += " (" + e.Hint + ")"
		}
		out = append(out, &Failure{policy.Pos{File: e.File, Line: e.Line, Col: e.Col}, text})
	}
	return out
}

// defaultName is what a case is called that does not say it: after its folder, or
// after its file.
func defaultName(file string) string {
	base := filepath.Base(file)
	if base == "case.yaml" {
		if abs, err := filepath.Abs(file); err == nil {
			return filepath.Base(filepath.Dir(abs))
		}
	}
	return strings.TrimSuffix(strings.TrimSuffix(base, ".yaml"), ".case")
}

func (y *yamlReader) one(n *yaml.Node) *Case {
	c := &Case{Name: defaultName(y.file), Pos: y.pos(n), Dir: folderOf(y.file), Env: map[string]string{}, at: map[string]policy.Pos{}}
	if n.Kind != yaml.MappingNode {
		y.fail(n, "version: 1, run: ./prog, ...", "a case must be a mapping of keys to values")
		return c
	}
	version := false
	y.keys(n, "the case", caseKeys, func(key string, at, val *yaml.Node) {
		c.at[key] = y.pos(at)
		switch key {
		case "version":
			version = true
			if val.Value != "1" {
				y.fail(val, "version: 1", "version %q is not known", val.Value)
			}
		case "expect":
			y.expect(c, val)
		case "files":
			y.files(c, val)
		case "limits":
			y.limits(c, val)
		case "noise":
			c.Noise = append(c.Noise, y.noise(val)...)
		default:
			y.simple(c, key, val)
		}
	})
	if !version {
		y.fail(n, "begin with version: 1", "the version is missing")
	}
	if len(c.Run) == 0 && !slices.ContainsFunc(y.errs, func(e *policy.Error) bool { return strings.HasPrefix(e.Msg, "run") }) {
		y.fail(n, "run: ./prog -x", "run is missing: what program?")
	}
	if g := c.Expect.Golden; g != nil && g.File == "" {
		g.File = c.Name + ".trace"
	}
	return c
}

// folderOf is the folder of a case file, as $CASE has it: absolute, since the
// program is started elsewhere.
func folderOf(file string) string {
	dir, err := filepath.Abs(filepath.Dir(file))
	if err != nil {
		return filepath.Dir(file)
	}
	return dir
}

// simple reads the keys whose values are words.
func (y *yamlReader) simple(c *Case, key string, val *yaml.Node) {
	switch key {
	case "name":
		switch name := y.str(val, key); {
		case val.Kind != yaml.ScalarNode: // told
		case strings.ContainsAny(name, " /\t\n") || name == "":
			y.fail(val, "", "the name %q must be one word, without a /", name)
		default:
			c.Name = name
		}
	case "about":
		y.str(val, key)
	case "skip":
		c.Skip = y.str(val, key)
	case "needs":
		c.Needs = y.strings(val, key)
	case "build":
		y.list(val, key, func(s string, at *yaml.Node) { c.Build, c.builds = append(c.Build, s), append(c.builds, y.pos(at)) })
	case "run":
		c.Run = y.command(val)
	case "stdin":
		c.Stdin = y.text(val, key)
	case "env":
		y.keys(val, key, nil, func(name string, at, val *yaml.Node) {
			if strings.ContainsAny(name, "=\x00") || name == "" {
				y.fail(at, "", "%q is no name of a variable", name)
			}
			c.Env[name] = y.str(val, name)
		})
	case "user":
		c.User = y.str(val, key)
	case "namespaces":
		y.list(val, key, func(s string, at *yaml.Node) {
			if namespaceFlags[s] == 0 {
				y.fail(at, "there are: user mount pid net uts ipc cgroup time", "no namespace %q", s)
			}
			c.Namespaces = append(c.Namespaces, s)
		})
	case "timeout":
		c.Timeout = y.duration(val, key)
	case "linger":
		c.Linger = y.duration(val, key)
	case "fails":
		y.list(val, key, func(s string, at *yaml.Node) { c.Fails = append(c.Fails, y.pattern(s, at)) })
	}
}

func (y *yamlReader) command(val *yaml.Node) []string {
	if val.Kind != yaml.ScalarNode {
		return y.strings(val, "run")
	}
	list, err := words(val.Value)
	if err != nil || len(list) == 0 {
		y.fail(val, "run: prog arg, or a list: [prog, arg]", "run: %q is no command", val.Value)
	}
	return list
}

// text reads a text, or file: of one.
func (y *yamlReader) text(n *yaml.Node, what string) Text {
	t := Text{Pos: y.pos(n)}
	if n.Kind != yaml.MappingNode {
		t.Text = y.str(n, what)
		return t
	}
	y.keys(n, what, []string{"file"}, func(_ string, _, val *yaml.Node) { t.File = y.str(val, "file") })
	return t
}

func (y *yamlReader) files(c *Case, n *yaml.Node) {
	y.keys(n, "files", nil, func(name string, at, val *yaml.Node) {
		f := File{Name: name, Pos: y.pos(at), Dir: strings.HasSuffix(name, "/")}
		if !filepath.IsLocal(name) {
			y.fail(at, "a name below it: data/in.txt", "%q is not in the scratch folder", name)
		}
		switch {
		case f.Dir && val.Tag == "!!null":
		case val.Kind == yaml.ScalarNode:
			f.Text = y.str(val, name)
		default:
			y.keys(val, "a file", []string{"text", "from", "link", "mode"}, func(key string, _, val *yaml.Node) {
				s := y.str(val, key)
				switch key {
				case "text":
					f.Text = s
				case "from":
					f.From = s
				case "link":
					f.Link = s
				case "mode":
					m, err := strconv.ParseUint(s, 8, 12)
					if err != nil {
						y.fail(val, "mode: 0755", "%q is no mode", s)
					}
					f.Mode = os.FileMode(m)
				}
			})
		}
		c.Files = append(c.Files, f)
	})
}

func (y *yamlReader) limits(c *Case, n *yaml.Node) {
	y.keys(n, "limits", []string{"cpu", "memory", "output", "file", "procs", "files"}, func(key string, _, val *yaml.Node) {
		switch key {
		case "cpu":
			c.Limits.CPU = y.duration(val, key)
		case "memory":
			c.Limits.Memory = y.size(val, key)
		case "output":
			c.Limits.Output = y.size(val, key)
		case "file":
			c.Limits.FileSize = y.size(val, key)
		case "procs":
			c.Limits.Procs = y.size(val, key)
		case "files":
			c.Limits.OpenFiles = y.size(val, key)
		}
	})
}

// noise reads a list of lines that are noise, each with its reason, and of files
// that have more.
func (y *yamlReader) noise(n *yaml.Node) []golden.Noise {
	if n.Kind != yaml.SequenceNode {
		y.fail(n, "- {line: 'open /x *', reason: why}", "noise must be a list")
		return nil
	}
	var out []golden.Noise
	for _, item := range n.Content {
		var x golden.Noise
		include := ""
		y.keys(item, "a noise", []string{"line", "program", "reason", "include"}, func(key string, _, val *yaml.Node) {
			s := y.str(val, key)
			switch key {
			case "line":
				x.Line = s
			case "program":
				x.Program = s
			case "reason":
				x.Reason = s
			case "include":
				include = s
			}
		})
		switch {
		case include != "":
			out = append(out, y.include(item, include)...)
		case x.Line == "" || strings.TrimSpace(x.Reason) == "":
			y.fail(item, "- {line: 'open /x *', reason: why}", "a noise needs a line, and the reason why it does not matter")
		default:
			out = append(out, x)
		}
	}
	return out
}

func (y *yamlReader) include(n *yaml.Node, name string) []golden.Noise {
	file := filepath.Join(filepath.Dir(y.file), name)
	src, err := os.ReadFile(file)
	if err != nil {
		y.fail(n, "", "%v", err)
		return nil
	}
	other := &yamlReader{file: file}
	var doc yaml.Node
	if err := yaml.Unmarshal(src, &doc); err != nil {
		other.faulty(yamlfault.Of(src, err))
	}
	var out []golden.Noise
	if len(doc.Content) > 0 {
		out = other.noise(doc.Content[0])
	}
	y.errs = append(y.errs, other.errs...)
	return out
}
