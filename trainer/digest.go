package trainer

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"

	"rankloop/model"
)

// digest fingerprints a run's inputs, so that a state is never continued on other data.
type digest struct{ hash hash.Hash }

func newDigest() digest { return digest{sha256.New()} }

func (d digest) number(n int) digest {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(n))
	d.hash.Write(b[:])
	return d
}

func (d digest) weights(w *model.Weights) digest {
	d.number(len(w.Data))
	if err := writeFloats(d.hash, w.Data); err != nil {
		panic(err) // a hash never fails
	}
	return d
}

func (d digest) ids(ids []int32) digest {
	d.number(len(ids))
	b := make([]byte, 0, 4*len(ids))
	for _, id := range ids {
		b = binary.LittleEndian.AppendUint32(b, uint32(id))
	}
	d.hash.Write(b)
	return d
}

func (d digest) items(items []item) digest {
	d.number(len(items))
	for _, it := range items {
		d.ids(it.tokens).number(it.from)
	}
	return d
}

func (d digest) sum() string { return hex.EncodeToString(d.hash.Sum(nil)) }
