package policy

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// ReadTraces reads what a program did from any of: a trace of strace or strait,
// strait's JSON, a Recording. The first line
// tells which it is. What is lost is as for ImportStrace.
func ReadTraces(r io.Reader, o ImportOptions) ([]Observation, []string, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	first, err := firstLine(in)
	switch {
	case err != nil:
		return nil, nil, err
	case len(first) == 0:
		return nil, nil, errors.New("the trace is empty")
	case first[0] != '{':
		return ImportStrace(in, o)
	}
	var kind struct {
		Call string `json:"call"`
		Runs int    `json:"runs"`
	}
	if err := json.Unmarshal(first, &kind); err == nil && (kind.Call != "" || kind.Runs > 0) {
		rec, err := ReadRecording(in)
		if err != nil {
			return nil, nil, err
		}
		return rec.Observations, nil, nil
	}
	return ImportJSON(in, o)
}

// firstLine returns the first line that is not blank, without taking it. Of one
// that is longer than the buffer it returns nothing but its beginning.
func firstLine(in *bufio.Reader) ([]byte, error) {
	buf, err := in.Peek(in.Size())
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read trace: %w", err)
	}
	line, _, _ := bytes.Cut(bytes.TrimLeft(buf, " \t\r\n"), []byte("\n"))
	return line, nil
}

// A Recording is what runs of a program were seen to do, as it is kept beside the
// policy that was learnt from it.
type Recording struct {
	Runs int `json:"runs"`
	// Rules are those that were learnt, as they were written: one that stands in
	// the policy in another form was edited and is not to be replaced.
	Rules        []string      `json:"rules"`
	Observations []Observation `json:"-"`
}

// Append appends the recording: a JSON object for what is about all of it, then
// one a line for each observation.
func (r *Recording) Append(dst []byte) []byte {
	b := bytes.NewBuffer(dst)
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(r)
	for i := range r.Observations {
		err = errors.Join(err, enc.Encode(&r.Observations[i]))
	}
	if err != nil {
		panic("policy: recording: " + err.Error()) // numbers and strings: a defect here
	}
	return b.Bytes()
}

// tidy writes paths as rules do: a call that failed may have been recorded with
// the words that it was made with.
func (o *Observation) tidy() {
	for i := range o.Pairs {
		p := &o.Pairs[i]
		if strings.HasPrefix(p.Path, "/") {
			p.Path = path.Clean(p.Path)
		}
		if strings.HasPrefix(p.Addr.Path, "/") {
			p.Addr.Path = path.Clean(p.Addr.Path)
		}
	}
}

// ReadRecording reads what Append has written.
func ReadRecording(r io.Reader) (*Recording, error) {
	var out Recording
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 16<<20)
	for n := 1; lines.Scan(); n++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		var line struct {
			Observation
			Runs  int      `json:"runs"`
			Rules []string `json:"rules"`
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if line.Call == "" && line.Runs > 0 {
			out.Runs += line.Runs
			out.Rules = append(out.Rules, line.Rules...)
			continue
		}
		if _, err := line.event(); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		line.tidy()
		out.Observations = append(out.Observations, line.Observation)
	}
	return &out, lines.Err()
}
