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

// A pathError is a path at which no case can be read.
type pathError struct {
	Path string
	Err  error
}

func (e *pathError) Error() string { return e.Path + ": " + e.Err.Error() }

func (e *pathError) Unwrap() error { return e.Err }

// Find reads the cases that paths name: a case file, a folder with case files in
// it (case.yaml, *.case.yaml), or with /... behind it a folder and all below. What
// cannot be read, and a path at which there is nothing, becomes a case that fails
// and says why, so that the others run. An error is that there is none.
func Find(paths []string) ([]*Case, error) {
	var out []*Case
	var wrong []error // all that stands for a path
	seen := map[string]bool{}
	for _, p := range paths {
		files, unread, err := caseFiles(p)
		switch {
		case err != nil:
			unread = []*pathError{{p, err}}
		case len(files)+len(unread) == 0:
			unread = []*pathError{{p, errors.New("no case file (case.yaml, NAME.case.yaml) is there")}}
		}
		for _, e := range unread {
			wrong = append(wrong, e)
			out = append(out, &Case{Name: e.Path, Pos: policy.Pos{File: e.Path}, NoCase: true, broken: []*Failure{{Text: e.Error()}}})
		}
		for _, f := range files {
			if key, err := filepath.Abs(f); err == nil {
				if seen[key] {
					continue
				}
				seen[key] = true
			}
			out = append(out, readFile(f)...)
		}
	}
	if len(out) == len(wrong) {
		return nil, errors.Join(wrong...)
	}
	return out, nil
}

// caseFiles are the case files at a path, and the folders below it that could not be
// read.
func caseFiles(p string) (files []string, unread []*pathError, err error) {
	root, all := strings.CutSuffix(p, "...")
	if root = strings.TrimSuffix(root, "/"); root == "" {
		root = "."
		if strings.HasPrefix(p, "/") {
			root = "/"
		}
	}
	st, err := os.Stat(root)
	if err != nil {
		return nil, nil, cause(err)
	}
	if !st.IsDir() {
		return []string{root}, nil, nil
	}
	dir := strings.TrimSuffix(root, "/") + "/" // it may be a symbolic link, which WalkDir would not follow
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			unread = append(unread, &pathError{path, cause(err)})
		case d.IsDir() && path != dir && (!all || strings.HasPrefix(d.Name(), ".")):
			return filepath.SkipDir
		case !d.IsDir() && (d.Name() == "case.yaml" || strings.HasSuffix(d.Name(), ".case.yaml")):
			files = append(files, path)
		}
		return nil
	})
	return files, unread, err
}

// readFile reads a case file.
func readFile(name string) []*Case {
	src, err := os.ReadFile(name)
	if err != nil {
		return []*Case{brokenFile(name, []*Failure{{Text: fmt.Sprintf("%s: %v", name, cause(err))}})}
	}
	list := Parse(name, src)
	seen := map[string]bool{}
	for _, c := range list {
		if seen[c.Name] && c.broken == nil {
			c.broken = []*Failure{{c.Pos, fmt.Sprintf("the file has another case called %s (name: says how one is called)", c.Name)}}
		}
		seen[c.Name] = true
	}
	return list
}
