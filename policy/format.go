package policy

import (
	"bytes"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// Format returns the file in canonical form: keys in their order, rules as
// Rule.String writes them, comments kept. Parsing it gives an equal File.
func (f *File) Format() []byte {
	out := f.encode()
	// To which of two neighbours a comment belongs can look otherwise when it
	// has been written once.
	for range 3 {
		g, errs := parse(f.Name, out)
		if len(errs) > 0 {
			break
		}
		again := g.encode()
		if bytes.Equal(again, out) {
			break
		}
		out = again
	}
	return out
}

func (f *File) encode() []byte {
	root := &yaml.Node{Kind: yaml.MappingNode}
	add := func(key string, val *yaml.Node) { f.addKey(root, "", key, val) }
	add("version", scalar(strconv.Itoa(Version)))
	if len(f.Include) > 0 {
		add("include", f.includes())
	}
	if f.Default != nil {
		add("default", scalar(f.Default.String()))
	}
	if abi := f.abi(); len(abi.Content) > 0 {
		add("abi", abi)
	}
	if limits := f.limits(); len(limits.Content) > 0 {
		add("limits", limits)
	}
	if len(f.Groups) > 0 {
		add("groups", f.groups())
	}
	if len(f.Profiles) > 0 {
		add("profiles", f.profiles())
	}
	doc := &yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{root}, HeadComment: f.Comment.Head, FootComment: f.Comment.Foot}
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(doc); err != nil {
		panic("policy: format: " + err.Error()) // the node is ours: a defect here
	}
	return b.Bytes()
}

// addKey adds a key with its comments to a mapping; path is what stands above
// it, with a dot behind it. A flow mapping with comments in it cannot stay one.
func (f *File) addKey(to *yaml.Node, path, key string, val *yaml.Node) {
	k := text(key)
	c := f.Comments[path+key]
	setKeyComment(k, val, c)
	if c != (Comment{}) {
		to.Style = 0
	}
	to.Content = append(to.Content, k, val)
}

// setKeyComment puts a comment behind the value where that is in the line of
// the key.
func setKeyComment(k, val *yaml.Node, c Comment) {
	setComment(k, c)
	if val.Kind == yaml.ScalarNode || val.Style == yaml.FlowStyle {
		val.LineComment, k.LineComment = k.LineComment, ""
	}
}

func scalar(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: s} }

// text is a scalar that is a string whatever it looks like.
func text(s string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(s)
	return n
}

func setComment(n *yaml.Node, c Comment) {
	n.HeadComment, n.LineComment, n.FootComment = c.Head, c.Line, c.Foot
}

func flow(kind yaml.Kind) *yaml.Node { return &yaml.Node{Kind: kind, Style: yaml.FlowStyle} }

func (f *File) includes() *yaml.Node {
	n := flow(yaml.SequenceNode)
	for _, in := range f.Include {
		item := text(in.Name)
		setComment(item, in.Comment)
		if in.Comment != (Comment{}) {
			n.Style = 0
		}
		n.Content = append(n.Content, item)
	}
	return n
}

func (f *File) abi() *yaml.Node {
	n := flow(yaml.MappingNode)
	add := func(key string, act *Action) {
		if act != nil {
			f.addKey(n, "abi.", key, scalar(act.String()))
		}
	}
	add("compat32", f.ABI.Compat32)
	add("x32", f.ABI.X32)
	add("io_uring", f.ABI.IOUring)
	return n
}

func (f *File) limits() *yaml.Node {
	n, l := flow(yaml.MappingNode), &f.Limits
	add := func(key, val string, set bool) {
		if set {
			f.addKey(n, "limits.", key, scalar(val))
		}
	}
	add("wall", l.Wall.String(), l.Wall > 0)
	add("cpu", l.CPU.String(), l.CPU > 0)
	add("memory", formatSize(l.Memory), l.Memory > 0)
	add("output", formatSize(l.Output), l.Output > 0)
	add("procs", strconv.Itoa(l.Procs), l.Procs > 0)
	return n
}

func (f *File) groups() *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	for _, g := range f.Groups {
		k, list := text(g.Name), flow(yaml.SequenceNode)
		for _, m := range g.Members {
			item := text(m)
			if c := f.Comments["groups."+g.Name+"."+m]; c != (Comment{}) {
				setComment(item, c)
				list.Style = 0
			}
			list.Content = append(list.Content, item)
		}
		setKeyComment(k, list, g.Comment)
		n.Content = append(n.Content, k, list)
	}
	return n
}

func (f *File) profiles() *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	for _, p := range f.Profiles {
		k := text(p.Name)
		rules, path := p.rules(), "profiles."+p.Name+"."
		if p.Extends == "" && f.Comments[path+"rules"] == (Comment{}) {
			setKeyComment(k, rules, p.Comment)
			n.Content = append(n.Content, k, rules)
			continue
		}
		m := &yaml.Node{Kind: yaml.MappingNode}
		if p.Extends != "" {
			f.addKey(m, path, "extends", text(p.Extends))
		}
		if len(p.Rules) > 0 || p.Extends == "" {
			f.addKey(m, path, "rules", rules)
		}
		setKeyComment(k, m, p.Comment)
		n.Content = append(n.Content, k, m)
	}
	return n
}

func (p *Profile) rules() *yaml.Node {
	n := &yaml.Node{Kind: yaml.SequenceNode}
	if len(p.Rules) == 0 {
		n.Style = yaml.FlowStyle
	}
	for _, r := range p.Rules {
		item := text(r.String())
		setComment(item, r.Comment)
		n.Content = append(n.Content, item)
	}
	return n
}
