package model

import "rankloop/model/kernel"

// kvCache keeps the keys and values of the tokens that the sampler has read, in
// slots of one sequence each. Keys lie transposed, so that the product of a
// query with all of them reads memory in order.
type kvCache struct {
	config Config
	stride int       // tokens per row of keys: the context and some padding
	keys   []float32 // [slot][layer][head][D][stride]
	values []float32 // [slot][layer][head][stride][D]
}

func newKVCache(c Config, slots int) *kvCache {
	stride := (c.Context+lineFloats-1)/lineFloats*lineFloats + lineFloats
	size := slots * c.Layers * c.Dim * stride
	return &kvCache{config: c, stride: stride, keys: make([]float32, size), values: make([]float32, size)}
}

// head returns one head's keys [D,stride] and values [stride,D].
func (k *kvCache) head(slot, layer, head int) (keys, values []float32) {
	size := k.config.headDim() * k.stride
	from := ((slot*k.config.Layers+layer)*k.config.Heads + head) * size
	return k.keys[from : from+size], k.values[from : from+size]
}

// attend stores the keys and values of rows new tokens, which follow seen
// earlier ones, and computes their attention on everything up to themselves.
// qkv is [rows,3C] and out [rows,C].
func (k *kvCache) attend(out, qkv []float32, slot, layer, head, seen, rows int, s *attentionScratch) {
	dim, d := k.config.Dim, k.config.headDim()
	keys, values := k.head(slot, layer, head)
	for i := range rows {
		at := i*3*dim + head*d
		for j, x := range qkv[at+dim : at+dim+d] {
			keys[j*k.stride+seen+i] = x
		}
		copy(values[(seen+i)*d:(seen+i+1)*d], qkv[at+2*dim:at+2*dim+d])
	}
	for from := 0; from < rows; from += attentionBlock {
		block := min(attentionBlock, rows-from)
		for i := range block {
			at := (from+i)*3*dim + head*d
			copy(s.query[i*d:(i+1)*d], qkv[at:at+d])
		}
		kernel.Scale(s.query[:block*d], attentionScale(d))
		end := seen + from + block
		// Whole vectors of keys are read in place; what lies behind the last key
		// gives logits that nobody looks at.
		whole := (end + lineFloats - 1) / lineFloats * lineFloats
		kernel.GemmSerial(false, false, block, whole, d, s.query, d, keys, k.stride, false, s.scores, s.stride)
		softmaxCausal(s.scores, s.stride, seen+from, block)
		kernel.GemmSerial(false, false, block, d, end, s.scores, s.stride, values, d, false, out[from*dim+head*d:], dim)
	}
}
