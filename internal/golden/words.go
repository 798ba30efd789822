package golden

import (
	"strconv"
	"strings"

	"strait/internal/lazyregexp"
	"strait/internal/notation"
)

// unquote reads the string in quotes at the start of an argument.
func unquote(s string) string {
	if !strings.HasPrefix(s, `"`) {
		return s
	}
	out, err := notation.Unquote(s[:notation.StringEnd(s)])
	if err != nil {
		return ""
	}
	return out
}

// show writes a name so that it is one word: in quotes where it is not.
func show(s string) string {
	for _, r := range s {
		if r <= ' ' || r == 0x7f || r == '"' || r == '\'' || r == '\\' || r == 0xfffd {
			return strconv.Quote(s)
		}
	}
	if s == "" {
		return `""`
	}
	return s
}

// descriptor splits 3</etc/passwd> into the number and what it is called.
func descriptor(s string) (fd int, called string, ok bool) {
	digits, rest := s, ""
	if i := strings.IndexByte(s, '<'); i > 0 {
		digits, rest = s[:i], s[i:]
	}
	fd, err := strconv.Atoi(digits)
	if digits == "AT_FDCWD" {
		fd, err = atFDCWD, nil
	}
	if err != nil {
		return 0, "", false
	}
	if end := strings.LastIndexByte(rest, '>'); end > 0 {
		called = decode(rest[1:end])
	}
	return fd, called, true
}

const atFDCWD = -100

// decode undoes the escapes in what a descriptor is called, and drops the details
// of -yy.
func decode(s string) string {
	if i := strings.IndexByte(s, '<'); i > 0 {
		s = s[:i]
	}
	return unquote(`"` + s + `"`)
}

// constants says whether an argument consists of names: O_RDONLY|O_CLOEXEC.
var constants = lazyregexp.New(`^[A-Z][A-Z0-9_]*(\|[A-Z][A-Z0-9_]*)*$`)

// unimportant are bits that C libraries and their versions differ in, and that
// change nothing about what is done.
var unimportant = map[string]bool{
	"O_CLOEXEC": true, "O_LARGEFILE": true, "SOCK_CLOEXEC": true, "EFD_CLOEXEC": true, "TFD_CLOEXEC": true,
	"EPOLL_CLOEXEC": true, "SFD_CLOEXEC": true, "MFD_CLOEXEC": true, "IN_CLOEXEC": true, "FD_CLOEXEC": true, "O_NOCTTY": true,
	"AT_NO_AUTOMOUNT": true, "MSG_CMSG_CLOEXEC": true,
}

// names returns the names of an argument that matter.
func names(s string) string {
	out := make([]string, 0, 4)
	for part := range strings.SplitSeq(s, "|") {
		if !unimportant[part] {
			out = append(out, part)
		}
	}
	return strings.Join(out, "|")
}

var (
	waitStatus = lazyregexp.New(`WIFEXITED\(s\) && WEXITSTATUS\(s\) == (\d+)`)
	waitSignal = lazyregexp.New(`WIFSIGNALED\(s\) && WTERMSIG\(s\) == (\w+)`)
	waitidHow  = lazyregexp.New(`si_code=(CLD_\w+).*si_status=(\w+)`)
)

// ended says in words how a process ended that was waited for.
func ended(args []string) string {
	all := strings.Join(args, " ")
	if m := waitStatus.FindStringSubmatch(all); m != nil {
		return "exited with " + m[1]
	}
	if m := waitSignal.FindStringSubmatch(all); m != nil {
		return "killed by " + m[1]
	}
	if m := waitidHow.FindStringSubmatch(all); m != nil {
		if m[1] == "CLD_EXITED" {
			return "exited with " + m[2]
		}
		return strings.ToLower(strings.TrimPrefix(m[1], "CLD_")) + " by " + m[2]
	}
	return ""
}
