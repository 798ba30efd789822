package policy

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// ReadTraces reads what a program did from any of: a trace of strace or strait,
// strait's JSON, observations that WriteObservations has written. The first line
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
		Type string `json:"type"`
		Call string `json:"call"`
	}
	if err := json.Unmarshal(first, &kind); err == nil && kind.Type == "" && kind.Call != "" {
		obs, err := ReadObservations(in)
		return obs, nil, err
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

// WriteObservations writes observations, a JSON object a line.
func WriteObservations(w io.Writer, obs []Observation) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for i := range obs {
		if err := enc.Encode(&obs[i]); err != nil {
			return fmt.Errorf("write observations: %w", err)
		}
	}
	return nil
}

// ReadObservations reads what WriteObservations wrote.
func ReadObservations(r io.Reader) ([]Observation, error) {
	var out []Observation
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 16<<20)
	for n := 1; lines.Scan(); n++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		var o Observation
		if err := json.Unmarshal(lines.Bytes(), &o); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if _, err := o.event(); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		out = append(out, o)
	}
	return out, lines.Err()
}
