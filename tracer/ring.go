package tracer

// A ring is a queue of stops that are to be told. It reuses its memory.
type ring struct {
	all  []*Stop
	head int
}

func (r *ring) push(s *Stop) { r.all = append(r.all, s) }

func (r *ring) pop() *Stop {
	if r.head == len(r.all) {
		return nil
	}
	s := r.all[r.head]
	r.all[r.head] = nil
	r.head++
	if r.head == len(r.all) {
		r.all, r.head = r.all[:0], 0
	}
	return s
}
