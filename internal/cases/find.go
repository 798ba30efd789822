package cases

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"strait/policy"
)

// Find reads the cases that paths name: a case file, a folder with case files in
// it (case.yaml, *.case.yaml), or with /... behind it a folder and all below. What
// cannot be read becomes a case that fails and says why, so that the others run.
// An error is a path at which there is nothing.
func Find(paths []string) ([]*Case, error) {
	var out []*Case
	seen := map[string]bool{}
	for _, p := range paths {
		files, err := caseFiles(p)
		if err != nil {
			return nil, err
		}
		if len(files) == 0 {
			return nil, fmt.Errorf("%s: no case file (case.yaml, NAME.case.yaml) is there", p)
		}
		for _, f := range files {
			if key, err := filepath.Abs(f); err == nil {
				if seen[key] {
					continue
				}
				seen[key] = true
			}
			out = append(out, readOrBroken(f)...)
		}
	}
	return out, nil
}

func caseFiles(p string) ([]string, error) {
	root, all := strings.CutSuffix(p, "...")
	if root = strings.TrimSuffix(root, "/"); root == "" {
		root = "."
		if strings.HasPrefix(p, "/") {
			root = "/"
		}
	}
	st, err := os.Stat(root)
	if err != nil {
		return nil, err
	}
	if !st.IsDir() {
		return []string{root}, nil
	}
	var out []string
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != root && (!all || strings.HasPrefix(d.Name(), ".")):
			return filepath.SkipDir
		case !d.IsDir() && (d.Name() == "case.yaml" || strings.HasSuffix(d.Name(), ".case.yaml")):
			out = append(out, path)
		}
		return nil
	})
	return out, err
}

// readOrBroken reads a case file.
func readOrBroken(file string) []*Case {
	list, err := Read(file)
	if err == nil {
		names := map[string]bool{}
		for _, c := range list {
			if names[c.Name] {
				c.broken = []*Failure{{c.Pos, fmt.Sprintf("the file has another case called %s (name: says how one is called)", c.Name)}}
			}
			names[c.Name] = true
		}
		return list
	}
	c := &Case{Name: defaultName(file), Pos: policy.Pos{File: file, Line: 1, Col: 1}, Dir: filepath.Dir(file)}
	var errs policy.Errors
	if !errors.As(err, &errs) {
		c.broken = []*Failure{{Text: err.Error()}}
		return []*Case{c}
	}
	for _, e := range errs {
		text := e.Msg
		if e.Hint != "" {
			text += " (" + e.Hint + ")"
		}
		c.broken = append(c.broken, &Failure{policy.Pos{File: e.File, Line: e.Line, Col: e.Col}, text})
	}
	return []*Case{c}
}
