package print

// Colors are the sequences of coloured output.
type Colors struct{}
