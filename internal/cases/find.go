package cases

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
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
			out = append(out, readFile(f)...)
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

// readFile reads a case file.
func readFile(name string) []*Case {
	src, err := os.ReadFile(name)
	if err != nil {
		return []*Case{brokenFile(name, []*Failure{{Text: err.Error()}})}
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
