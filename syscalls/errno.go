package syscalls

import "sort"

// An errno is an error number with its name and the words of strerror(3).
type errno struct {
	num         uint16
	name, words string
}

// ErrnoName returns the name of an error number, "ENOENT", and what glibc's
// strerror(3) says of it in the C locale; both are empty for an unknown number.
// Numbers from 512 are the kernel's own, seen only by tracers.
func ErrnoName(num int) (name, words string) {
	i := sort.Search(len(errnos), func(i int) bool { return int(errnos[i].num) >= num })
	if i == len(errnos) || int(errnos[i].num) != num {
		return "", ""
	}
	return errnos[i].name, errnos[i].words
}

// ErrnoByName returns the number of the error called name, "ENOENT".
func ErrnoByName(name string) (num int, ok bool) {
	for i := range errnos {
		if errnos[i].name == name {
			return int(errnos[i].num), true
		}
	}
	return 0, false
}
