package ranking

// agreementOf compares every two annotators' rankings of one task, pair by pair.
//
// strict is the measure of the field (InstructGPT, arXiv 2203.02155 section 3.4): of the pairs that both order
// strictly, those they order the same way. ties runs over all pairs: the same order or both tied counts 1, a tie
// against a strict order ½.
func agreementOf(records []Record) (strict, ties Proportion) {
	for i := range records {
		for j := range i {
			a, b := &records[j], &records[i]
			if a.TaskID != b.TaskID || a.Annotator == b.Annotator {
				continue
			}
			levelA, levelB := levels(a), levels(b)
			for p := range a.Responses {
				for q := p + 1; q < len(a.Responses); q++ {
					if a.Responses[p].Written || a.Responses[q].Written {
						continue // the other has not seen it
					}
					orderA := compareLevels(levelA, a.Responses[p].FileIndex, a.Responses[q].FileIndex)
					orderB := compareLevels(levelB, a.Responses[p].FileIndex, a.Responses[q].FileIndex)
					ties.Of++
					switch {
					case orderA == orderB:
						ties.Count++
					case orderA == 0 || orderB == 0:
						ties.Count += 0.5
					}
					if orderA != 0 && orderB != 0 {
						strict.Of++
						if orderA == orderB {
							strict.Count++
						}
					}
				}
			}
		}
	}
	return strict, ties
}

// levels gives each response's tier, by its place in the prompt set.
func levels(r *Record) map[int]int {
	out := make(map[int]int, len(r.Responses))
	for tier, members := range r.Tiers {
		for _, index := range members {
			out[r.Responses[index].FileIndex] = tier
		}
	}
	return out
}

// compareLevels is +1 where p is ranked above q, 0 where they tie.
func compareLevels(levels map[int]int, p, q int) int {
	switch a, b := levels[p], levels[q]; {
	case a < b:
		return 1
	case a > b:
		return -1
	}
	return 0
}
