package model

import "rankloop/model/kernel"

// keyBlock is how many keys lie together: as many columns as the widest tile of
// the matrix kernels reads at once.
const keyBlock = 48

// kvCache keeps the keys and values of the tokens that the sampler has read, in
// slots of one sequence each. Keys lie transposed in blocks, so that the product
// of a query with all of them reads memory from one end to the other.
type kvCache struct {
	shape  attentionShape
	layers int
	length int       // tokens of a slot, in whole blocks
	keys   []float32 // [slot][layer][K][length/keyBlock][D][keyBlock]
	values []float32 // [slot][layer][K][length][D]
}

func (k *kvCache) plan(a *arena, c Config, slots, maxLength int) {
	k.shape, k.layers, k.length = c.attention(), c.Layers, (maxLength+keyBlock-1)/keyBlock*keyBlock
	size := slots * c.Layers * k.shape.kvHeads * k.shape.headDim * k.length
	k.keys, k.values = a.take(size), a.take(size)
}

// head returns one head's keys and values.
func (k *kvCache) head(slot, layer, kvHead int) (keys, values []float32) {
	size := k.shape.headDim * k.length
	from := ((slot*k.layers+layer)*k.shape.kvHeads + kvHead) * size
	return k.keys[from : from+size], k.values[from : from+size]
}

// blockTokens is how many tokens' queries are handled together: the query heads
// that share keys and values make one matrix of about attentionBlock rows.
func (s attentionShape) blockTokens() int { return max(1, attentionBlock/s.group()) }

// blockRows is the most rows that such a matrix has.
func (s attentionShape) blockRows() int { return s.blockTokens() * s.group() }

// attend stores the keys and values of tokens new tokens, which follow seen
// earlier ones, and computes the attention of one head of keys and values, for
// all its query heads, on everything up to themselves. qkv is [tokens,Q] and out
// [tokens,A].
func (k *kvCache) attend(out, qkv []float32, slot, layer, kvHead, seen, tokens int, s *attentionScratch) {
	d, width, outWidth, group := k.shape.headDim, k.shape.width(), k.shape.outWidth(), k.shape.group()
	keys, values := k.head(slot, layer, kvHead)
	for i := range tokens {
		column := keys[(seen+i)/keyBlock*keyBlock*d+(seen+i)%keyBlock:]
		at := i*width + k.shape.key(kvHead)
		for j, x := range qkv[at : at+d] {
			column[j*keyBlock] = x
		}
		at = i*width + k.shape.value(kvHead)
		copy(values[(seen+i)*d:(seen+i+1)*d], qkv[at:at+d])
	}
	for from := 0; from < tokens; from += k.shape.blockTokens() {
		block := min(k.shape.blockTokens(), tokens-from)
		rows := block * group // those of a token are its query heads
		for i := range block {
			at := (from+i)*width + k.shape.query(kvHead*group)
			copy(s.query[i*group*d:(i+1)*group*d], qkv[at:at+group*d])
		}
		kernel.Scale(s.query[:rows*d], k.shape.scale())
		end := seen + from + block
		// Blocks of keys are read whole; what lies behind the last key gives
		// logits that nobody looks at.
		for key := 0; key < end; key += keyBlock {
			kernel.GemmSerial(false, false, rows, keyBlock, d, s.query, d, keys[key*d:], keyBlock, false, s.scores[key:], s.stride)
		}
		softmaxCausal(s.scores, s.stride, seen+from, block, group)
		if group == 1 { // rows of the product are rows of out
			kernel.GemmSerial(false, false, rows, d, end, s.scores, s.stride, values, d, false,
				out[from*outWidth+k.shape.query(kvHead):], outWidth)
			continue
		}
		mixed := s.query[:rows*d] // the queries have been used
		kernel.GemmSerial(false, false, rows, d, end, s.scores, s.stride, values, d, false, mixed, d)
		for i := range block {
			at := (from+i)*outWidth + k.shape.query(kvHead*group)
			copy(out[at:at+group*d], mixed[i*group*d:(i+1)*group*d])
		}
	}
}
