package print

// Colors are the sequences of coloured output.
type Colors struct{ keys map[string]string }

// NewColors takes the colours from the value of STRACE_COLORS.
func NewColors(string) *Colors { return &Colors{} }
