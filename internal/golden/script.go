package golden

// An edit says that a[a:aEnd] was replaced by b[b:bEnd].
type edit struct{ a, aEnd, b, bEnd int }

// mostEdits bounds the work for two traces that have little in common; beyond
// it, what is left of both is one edit.
const mostEdits = 2000

// script returns how b is made of a, by the algorithm of Myers ("An O(ND)
// Difference Algorithm and Its Variations", 1986), between the lines that both
// begin and end with.
func script(a, b []Line) []edit {
	head := 0
	for head < len(a) && head < len(b) && sameText(a[head], b[head]) {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && sameText(a[len(a)-1-tail], b[len(b)-1-tail]) {
		tail++
	}
	x, y := a[head:len(a)-tail], b[head:len(b)-tail]
	if len(x) == 0 && len(y) == 0 {
		return nil
	}
	out := myers(x, y)
	for i := range out {
		out[i] = edit{out[i].a + head, out[i].aEnd + head, out[i].b + head, out[i].bEnd + head}
	}
	return out
}

func myers(a, b []Line) []edit {
	most := min(len(a)+len(b), mostEdits)
	v := make([]int, 2*most+2) // v[most+k]: how far diagonal k reaches in a
	var rows [][]int
	for d := 0; d <= most; d++ {
		rows = append(rows, append([]int(nil), v[most-d:most+d+1]...))
		for k := -d; k <= d; k += 2 {
			x := 0
			if k == -d || k != d && v[most+k-1] < v[most+k+1] {
				x = v[most+k+1]
			} else {
				x = v[most+k-1] + 1
			}
			y := x - k
			for x < len(a) && y < len(b) && sameText(a[x], b[y]) {
				x, y = x+1, y+1
			}
			v[most+k] = x
			if x >= len(a) && y >= len(b) {
				return back(rows, d, len(a), len(b))
			}
		}
	}
	return []edit{{0, len(a), 0, len(b)}}
}

// back follows the way that myers found from its end, and joins edits that touch.
// rows[d] holds diagonals -d to d as they were before step d.
func back(rows [][]int, d, x, y int) []edit {
	var out []edit
	put := func(e edit) {
		if n := len(out); n > 0 && out[n-1].a == e.aEnd && out[n-1].b == e.bEnd {
			out[n-1].a, out[n-1].b = e.a, e.b
			return
		}
		out = append(out, e)
	}
	for ; d > 0; d-- {
		at := func(k int) int { return rows[d][k+d] }
		k := x - y
		down := k == -d || k != d && at(k-1) < at(k+1)
		from := k - 1
		if down {
			from = k + 1
		}
		px := at(from)
		py := px - from
		if down {
			put(edit{px, px, py, py + 1})
		} else {
			put(edit{px, px + 1, py, py})
		}
		x, y = px, py
	}
	for i, k := 0, len(out)-1; i < k; i, k = i+1, k-1 {
		out[i], out[k] = out[k], out[i]
	}
	return out
}
