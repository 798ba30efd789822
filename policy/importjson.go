package policy

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"strconv"

	"strait/syscalls"
)

// jsonCall is a line of a JSON trace, as far as it is needed (docs/json.md).
type jsonCall struct {
	Type string     `json:"type"`
	Name string     `json:"name"`
	ABI  string     `json:"abi"`
	TID  int        `json:"tid"`
	Args []jsonNode `json:"args"`
	Ret  *int64     `json:"ret"`
}

type jsonNode struct {
	Kind   string          `json:"kind"`
	Name   string          `json:"name"`
	Value  json.RawMessage `json:"value"`
	Base64 *string         `json:"value_base64"`
	Text   string          `json:"text"`
	Path   string          `json:"path"`
	Cut    bool            `json:"cut"`
	Abs    bool            `json:"abstract"`
	After  bool            `json:"after"`
	Items  []jsonNode      `json:"items"`
}

// ImportJSON reads a JSON trace as strait --json writes it. What is lost is as
// for ImportStrace.
func ImportJSON(r io.Reader, o ImportOptions) ([]Observation, []string, error) {
	im, err := newImporter(o)
	if err != nil {
		return nil, nil, err
	}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 16<<20)
	for n := 1; lines.Scan(); n++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		var c jsonCall
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			return nil, nil, fmt.Errorf("import: line %d: %w", n, err)
		}
		if c.Type != "call" {
			continue
		}
		if abi := syscalls.ByName(c.ABI); abi != nil {
			im.abi = abi
		}
		args := c.entry()
		im.task = strconv.Itoa(c.TID)
		ev, err := im.call(c.Name, len(args), func(_ *syscalls.Call, i int) argument { return args[i].argument() })
		if err != nil {
			im.lose(n, err)
		}
		if ev != nil && c.Name == "socket" && c.Ret != nil && *c.Ret >= 0 {
			im.sock.add(im.task, int32(*c.Ret), socketProto(ev))
		}
	}
	return im.rec.Observations(), im.losses(), lines.Err()
}

// entry returns the arguments as they went in.
func (c *jsonCall) entry() []jsonNode {
	var out []jsonNode
	for _, a := range c.Args {
		if !a.After && a.Kind != "comment" {
			out = append(out, a)
		}
	}
	return out
}

func (n *jsonNode) number() (uint64, bool) {
	var s int64
	if json.Unmarshal(n.Value, &s) == nil {
		return uint64(s), true
	}
	var u uint64
	err := json.Unmarshal(n.Value, &u)
	return u, err == nil
}

func (n *jsonNode) str() (string, bool) {
	if n.Base64 != nil {
		b, err := base64.StdEncoding.DecodeString(*n.Base64)
		return string(b), err == nil
	}
	var s string
	err := json.Unmarshal(n.Value, &s)
	return s, err == nil
}

func (n *jsonNode) argument() argument {
	switch n.Kind {
	case "string":
		s, ok := n.str()
		return argument{text: s, isText: true, unknown: !ok || n.Cut}
	case "ptr", "struct":
		if b, ok := n.address(); ok {
			return argument{text: b, isText: true, raw: true}
		}
		if f := n.find("flags"); f != nil && n.find("resolve") != nil {
			v, ok := f.number()
			return argument{text: word64(v) + word64(0) + word64(0), isText: true, raw: true, unknown: !ok}
		}
		if s := n.only(); s != nil {
			return s.argument()
		}
		return argument{unknown: true}
	}
	v, ok := n.number()
	return argument{num: v, fd: n.Path, unknown: !ok}
}

// only returns the string that a pointer leads to, if it leads to nothing else.
func (n *jsonNode) only() *jsonNode {
	if len(n.Items) == 1 && n.Items[0].Kind == "string" {
		return &n.Items[0]
	}
	return nil
}

// find returns the first node called name below n.
func (n *jsonNode) find(name string) *jsonNode {
	for i := range n.Items {
		if n.Items[i].Name == name {
			return &n.Items[i]
		}
		if x := n.Items[i].find(name); x != nil {
			return x
		}
	}
	return nil
}

// address returns the bytes of the socket address in n.
func (n *jsonNode) address() (string, bool) {
	if n.find("sa_family") == nil {
		return "", false
	}
	port := uint64(0)
	for _, name := range []string{"sin_port", "sin6_port"} {
		if p := n.find(name); p != nil {
			port, _ = p.number()
		}
	}
	for _, name := range []string{"sin_addr", "sin6_addr"} {
		if a := n.find(name); a != nil {
			ip, err := netip.ParseAddr(a.Text)
			return addressBytes(ip, uint16(port)), err == nil
		}
	}
	if p := n.find("sun_path"); p != nil {
		s, ok := p.str()
		if p.Abs {
			s = "\x00" + s
		}
		return unixBytes(s), ok
	}
	return "", false
}
