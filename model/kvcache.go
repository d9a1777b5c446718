package model

import "rankloop/model/kernel"

// keyBlock is how many keys lie together: as many columns as the widest tile of
// the matrix kernels reads at once.
const keyBlock = 48

// kvCache keeps the keys and values of the tokens that the sampler has read, in
// slots of one sequence each. Keys lie transposed in blocks, so that the product
// of a query with all of them reads memory from one end to the other.
type kvCache struct {
	config Config
	length int       // tokens of a slot: the context in whole blocks
	keys   []float32 // [slot][layer][head][length/keyBlock][D][keyBlock]
	values []float32 // [slot][layer][head][length][D]
}

func (k *kvCache) plan(a *arena, c Config, slots int) {
	k.config, k.length = c, (c.Context+keyBlock-1)/keyBlock*keyBlock
	size := slots * c.Layers * c.Dim * k.length
	k.keys, k.values = a.take(size), a.take(size)
}

// head returns one head's keys and values.
func (k *kvCache) head(slot, layer, head int) (keys, values []float32) {
	size := k.config.headDim() * k.length
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
		column := keys[(seen+i)/keyBlock*keyBlock*d+(seen+i)%keyBlock:]
		for j, x := range qkv[at+dim : at+dim+d] {
			column[j*keyBlock] = x
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
		// Blocks of keys are read whole; what lies behind the last key gives
		// logits that nobody looks at.
		for key := 0; key < end; key += keyBlock {
			kernel.GemmSerial(false, false, block, keyBlock, d, s.query, d, keys[key*d:], keyBlock, false, s.scores[key:], s.stride)
		}
		softmaxCausal(s.scores, s.stride, seen+from, block)
		kernel.GemmSerial(false, false, block, d, end, s.scores, s.stride, values, d, false, out[from*dim+head*d:], dim)
	}
}
