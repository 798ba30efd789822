package tracer

// Instruction returns the instruction that the task of a Signal stop is at, in
// GNU syntax, and its bytes. The text is "" where there is none that can be
// read, as after a jump to nowhere.
func (s *Stop) Instruction() (text string, code []byte) {
	if s.Kind != Signal {
		return "", nil
	}
	buf := make([]byte, 15) // the longest on x86
	buf = buf[:s.Task.ReadMemory(s.Event.IP, buf)]
	text, n := disassemble(s.mode, buf, s.Event.IP)
	return text, buf[:n]
}
