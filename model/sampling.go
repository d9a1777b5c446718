package model

import "fmt"

// SampleOptions say how replies are drawn. Temperature 1 without TopK and TopP
// is the model's own distribution, the only one whose log-probabilities
// reinforcement learning can use.
type SampleOptions struct {
	MaxNew      int     // longest reply in tokens, at least 1
	Temperature float64 // 0 takes the most probable token; else 0.01 to 100
	TopK        int     // draw among the TopK most probable only; 0: all
	TopP        float64 // then among the fewest of them that hold TopP of their probability; 0 or 1: all
	Stop        []int32 // tokens that end a reply
}

func (o SampleOptions) validate() error {
	switch {
	case o.MaxNew < 1:
		return fmt.Errorf("model: MaxNew is %d, want at least 1", o.MaxNew)
	case o.Temperature != 0 && !(o.Temperature >= 0.01 && o.Temperature <= 100):
		return fmt.Errorf("model: temperature is %g, want 0 or 0.01 to 100", o.Temperature)
	case o.TopK < 0:
		return fmt.Errorf("model: TopK is %d, want 0 or more", o.TopK)
	case !(o.TopP >= 0 && o.TopP <= 1):
		return fmt.Errorf("model: TopP is %g, want 0 to 1", o.TopP)
	}
	return nil
}

// whole says whether the draw is from the whole distribution.
func (o SampleOptions) whole() bool { return o.TopK == 0 && (o.TopP == 0 || o.TopP == 1) }

// draw is the working memory of choosing one token.
type draw struct {
	probs []float32 // [V]
	order []int32   // heap of tokens, the most probable first
}

// argmax returns the most probable token, the lowest of equals.
func argmax(logits []float32) int32 {
	best := 0
	for i, x := range logits {
		if x > logits[best] {
			best = i
		}
	}
	return int32(best)
}

// choose draws a token by probs, using one uniform number u in [0, 1).
func (d *draw) choose(o SampleOptions, u float64) int32 {
	if o.whole() {
		return walk(d.probs, u)
	}
	kept := d.truncate(o)
	sum := 0.0
	for _, token := range kept {
		sum += float64(d.probs[token])
	}
	u *= sum
	sum = 0
	for _, token := range kept {
		if sum += float64(d.probs[token]); sum > u {
			return token
		}
	}
	return kept[0]
}

// walk returns the token at which the cumulative probability passes u. Rounding
// can leave u above the sum: then it is the last token that has any.
func walk(probs []float32, u float64) int32 {
	sum, last := 0.0, 0
	for i, p := range probs {
		if p > 0 {
			last = i
		}
		if sum += float64(p); sum > u {
			return int32(i)
		}
	}
	return int32(last)
}

// truncate returns the tokens that TopK and TopP leave, the most probable first
// and the lower token first of equals.
func (d *draw) truncate(o SampleOptions) []int32 {
	n := len(d.probs)
	for i := range d.order {
		d.order[i] = int32(i)
	}
	for i := n/2 - 1; i >= 0; i-- {
		d.sift(i, n)
	}
	most := n
	if o.TopK > 0 {
		most = min(o.TopK, n)
	}
	kept, sum := 0, 0.0
	// The heap shrinks from the front; what leaves it gathers at the back.
	for kept < most {
		if o.TopK == 0 && kept > 0 && sum >= o.TopP {
			break
		}
		kept++
		d.order[0], d.order[n-kept] = d.order[n-kept], d.order[0]
		sum += float64(d.probs[d.order[n-kept]])
		d.sift(0, n-kept)
	}
	out := d.order[n-kept:]
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	if o.TopK > 0 && o.TopP > 0 {
		total := sum
		sum = 0
		for i, token := range out {
			if i > 0 && sum >= o.TopP*total {
				return out[:i]
			}
			sum += float64(d.probs[token])
		}
	}
	return out
}

// sift restores the heap order below i in the first n entries.
func (d *draw) sift(i, n int) {
	for {
		top := i
		for child := 2*i + 1; child <= 2*i+2 && child < n; child++ {
			if d.before(d.order[child], d.order[top]) {
				top = child
			}
		}
		if top == i {
			return
		}
		d.order[i], d.order[top] = d.order[top], d.order[i]
		i = top
	}
}

func (d *draw) before(a, b int32) bool {
	return d.probs[a] > d.probs[b] || d.probs[a] == d.probs[b] && a < b
}
