package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// findProgram finds what PROG names, as strace does: a name without a slash is
// the first executable regular file of that name in path ($PATH), where an
// empty directory is the working directory. A name with a slash is only looked
// whether it is there: what else is wrong with it, exec says.
func findProgram(name, path string) (string, error) {
	if strings.Contains(name, "/") {
		if _, err := os.Stat(name); err != nil {
			return "", refuse("Cannot stat '%s': %s", name, reason(err))
		}
		return name, nil
	}
	for _, dir := range filepath.SplitList(path) {
		if name == "" {
			break
		}
		if dir == "" {
			wd, err := os.Getwd()
			if err != nil {
				continue
			}
			dir = wd
		}
		file := strings.TrimSuffix(dir, "/") + "/" + name
		info, err := os.Stat(file)
		if err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0 {
			return file, nil
		}
	}
	return "", refuse("Cannot find executable '%s'", name)
}

// reason is the errno in err in the words of strerror(3), as C programs print
// it: with a capital, without what was done to what.
func reason(err error) string {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return err.Error()
	}
	text := errno.Error()
	return strings.ToUpper(text[:1]) + text[1:]
}
