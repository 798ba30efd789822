package tracefile

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"strait/internal/lazyregexp"
)

// A Record is one call or event of a process.
type Record struct {
	PID  int
	Text string // without the process id; interrupted calls are whole
}

// Parse reads a trace written with -f -o FILE: each line begins with a process
// id.
func Parse(r io.Reader) ([]Record, error) {
	var out []Record
	open := map[int]int{} // process id → index of its interrupted call
	sc := bufio.NewScanner(r)
	sc.Buffer(nil, 64<<20)
	for n := 1; sc.Scan(); n++ {
		word, text, ok := strings.Cut(sc.Text(), " ")
		pid, err := strconv.Atoi(word)
		if !ok || err != nil {
			return nil, fmt.Errorf("line %d does not begin with a process id: %.60q", n, sc.Text())
		}
		text = strings.TrimLeft(text, " ")
		if i, waits := open[pid]; waits {
			if rest, ok := resumed(text); ok {
				out[i].Text += rest
				delete(open, pid)
				if head, more := strings.CutSuffix(out[i].Text, " <unfinished ...>"); more {
					out[i].Text = head
					open[pid] = i
				}
				continue
			}
		}
		if head, ok := strings.CutSuffix(text, " <unfinished ...>"); ok {
			text = head
			open[pid] = len(out)
		}
		out = append(out, Record{pid, text})
	}
	return out, sc.Err()
}

// resumed returns what follows "<... NAME resumed>".
func resumed(text string) (string, bool) {
	if !strings.HasPrefix(text, "<... ") {
		return "", false
	}
	_, rest, ok := strings.Cut(text, " resumed>")
	return rest, ok
}

var made = lazyregexp.New(`^(?:clone3?|v?fork)\(.*\) += (\d+)(?: <|$)`)

// Processes splits a trace into processes. The key of a process is its place in
// the tree of those that made it: "0" is the first one, "0.1" its second child.
func Processes(recs []Record) map[string][]string {
	names, children, out := map[int]string{}, map[string]int{}, map[string][]string{}
	for _, r := range recs { // children are known before their own first line
		if _, ok := names[r.PID]; !ok && len(names) == 0 {
			names[r.PID] = "0"
		}
		if m := made.FindStringSubmatch(r.Text); m != nil {
			parent, ok := names[r.PID]
			if !ok {
				parent = "?"
			}
			pid, _ := strconv.Atoi(m[1])
			names[pid] = parent + "." + strconv.Itoa(children[parent])
			children[parent]++
		}
	}
	for _, r := range recs {
		key, ok := names[r.PID]
		if !ok {
			key = "?"
		}
		out[key] = append(out[key], r.Text)
	}
	return out
}
