package ranking

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// The decoder of Parquet pages allocates what pages claim and expands what they hold without a bound of its own, so a
// file of a kilobyte can ask for terabytes: a compressed page that grows, a run length of two thousand million, a
// claim in a header. The guard walks every page before the decoder sees it, and lets pass only what stays in bounds.
// It understands what common writers write (PLAIN, dictionaries, DELTA_LENGTH_BYTE_ARRAY; uncompressed, Snappy, gzip,
// zstd) and names what it does not. Format: https://github.com/apache/parquet-format.

const (
	maxParquetFooterBytes = 4 << 20
	maxParquetPageBytes   = 64 << 20 // uncompressed
	maxParquetPageValues  = 4 << 20
	maxParquetColumns     = 512
)

// guardParquet refuses a file that would expand beyond the limits.
func (s *promptSet) guardParquet(file io.ReaderAt, size int64) error {
	if err := s.guardFooter(file, size); err != nil {
		return err
	}
	f, err := parquet.OpenFile(file, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return s.damagedParquet(err)
	}
	if rows := f.NumRows(); rows > int64(s.limits.Prompts) {
		return s.fault(CodeTooLarge, 0, "the file holds %d prompts; the limit is %d", rows, s.limits.Prompts)
	}
	leaves := f.Schema().Columns()
	if len(leaves) > maxParquetColumns {
		return s.fault(CodeTooLarge, 0, "the file has %d columns; the limit is %d", len(leaves), maxParquetColumns)
	}
	total := int64(0)
	for _, group := range f.Metadata().RowGroups {
		if len(group.Columns) != len(leaves) {
			return s.damagedParquet(errors.New("a row group lacks columns"))
		}
		for i := range group.Columns {
			leaf, ok := f.Schema().Lookup(leaves[i]...)
			if !ok {
				return s.damagedParquet(errors.New("a column is missing"))
			}
			chunk := parquetChunk{
				leaf:   leaf,
				meta:   &group.Columns[i].MetaData,
				budget: s.limits.FileBytes - total,
			}
			if err := chunk.walk(file, size); err != nil {
				return s.damagedParquet(fmt.Errorf("column %q: %w", leaves[i][0], err))
			}
			total = s.limits.FileBytes - chunk.budget
		}
	}
	return nil
}

// guardFooter checks the metadata at the file's end before anything decodes it.
func (s *promptSet) guardFooter(file io.ReaderAt, size int64) error {
	var tail [8]byte
	if size < 12 {
		return s.damagedParquet(io.ErrUnexpectedEOF)
	}
	if _, err := file.ReadAt(tail[:], size-8); err != nil {
		return s.damagedParquet(err)
	}
	if string(tail[4:]) == "PARE" {
		return s.fault(CodeInvalid, 0, "the Parquet file is encrypted; save it without encryption")
	}
	if string(tail[4:]) != "PAR1" {
		return s.damagedParquet(errors.New("it does not end as a Parquet file does"))
	}
	length := int64(binary.LittleEndian.Uint32(tail[:4]))
	if length > maxParquetFooterBytes || length > size-12 {
		return s.damagedParquet(bomb("metadata of %d bytes", length))
	}
	footer := make([]byte, length)
	if _, err := file.ReadAt(footer, size-8-length); err != nil {
		return s.damagedParquet(err)
	}
	if _, err := skipThrift(footer); err != nil {
		return s.damagedParquet(err)
	}
	return nil
}

// errParquetBomb is a page that would expand beyond the limits.
type errParquetBomb struct{ reason *Error }

func (e errParquetBomb) Error() string { return e.reason.Error() }

func bomb(format string, args ...any) error {
	return errParquetBomb{Errorf(CodeTooLarge, format, args...)}
}

// parquetChunk is one column's part of a row group. budget is how many uncompressed bytes it may still hold.
type parquetChunk struct {
	leaf   parquet.LeafColumn
	meta   *format.ColumnMetaData
	budget int64
}

// walk reads the chunk page by page.
func (c *parquetChunk) walk(file io.ReaderAt, size int64) error {
	start := c.meta.DataPageOffset
	if d := c.meta.DictionaryPageOffset; d > 0 && d < start {
		start = d
	}
	length := c.meta.TotalCompressedSize
	if start < 4 || length < 0 || length > size || start > size-length {
		return errors.New("it lies outside of the file")
	}
	content := make([]byte, length)
	if _, err := file.ReadAt(content, start); err != nil {
		return err
	}
	var protocol thrift.CompactProtocol
	for len(content) > 0 {
		if _, err := skipThrift(content); err != nil {
			return err
		}
		reader := protocol.NewReaderFromBytes(content)
		var header format.PageHeader
		if err := thrift.NewDecoder(reader).Decode(&header); err != nil {
			return err
		}
		content = content[reader.BytesRead():]
		if header.CompressedPageSize < 0 || int(header.CompressedPageSize) > len(content) {
			return io.ErrUnexpectedEOF
		}
		page := content[:header.CompressedPageSize]
		content = content[header.CompressedPageSize:]
		if n := header.UncompressedPageSize; n < 0 || n > maxParquetPageBytes {
			return bomb("a page of %d bytes", n)
		}
		if err := c.page(&header, page); err != nil {
			return err
		}
	}
	return nil
}

// page checks one page's claims and runs.
func (c *parquetChunk) page(header *format.PageHeader, page []byte) error {
	switch header.Type {
	case format.DictionaryPage:
		n := header.DictionaryPageHeader.V.NumValues
		if err := checkPageValues(n); err != nil {
			return err
		}
		_, err := c.decompress(page)
		return err
	case format.DataPage:
		return c.dataPageV1(&header.DataPageHeader.V, page)
	case format.DataPageV2:
		return c.dataPageV2(&header.DataPageHeaderV2.V, page)
	case format.IndexPage:
		return nil
	}
	return fmt.Errorf("page type %d is not known", header.Type)
}

func checkPageValues(n int32) error {
	if n < 0 || n > maxParquetPageValues {
		return bomb("a page of %d values; the limit is %d", n, maxParquetPageValues)
	}
	return nil
}

// dataPageV1: repetition and definition levels, each behind its length, and the values, compressed together.
func (c *parquetChunk) dataPageV1(header *format.DataPageHeader, page []byte) error {
	if err := checkPageValues(header.NumValues); err != nil {
		return err
	}
	page, err := c.decompress(page)
	if err != nil {
		return err
	}
	for _, levels := range []struct {
		max      int
		encoding format.Encoding
	}{{c.leaf.MaxRepetitionLevel, header.RepetitionLevelEncoding}, {c.leaf.MaxDefinitionLevel, header.DefinitionLevelEncoding}} {
		if levels.max == 0 {
			continue
		}
		if levels.encoding != format.RLE {
			return fmt.Errorf("levels in the encoding %s are not supported", levels.encoding)
		}
		if len(page) < 4 {
			return io.ErrUnexpectedEOF
		}
		n := binary.LittleEndian.Uint32(page)
		if page = page[4:]; uint64(n) > uint64(len(page)) {
			return io.ErrUnexpectedEOF
		}
		if err := checkRuns(page[:n], uint(bits.Len(uint(levels.max))), header.NumValues); err != nil {
			return err
		}
		page = page[n:]
	}
	return c.values(header.Encoding, page, header.NumValues)
}

// dataPageV2: the levels lie uncompressed before the values.
func (c *parquetChunk) dataPageV2(header *format.DataPageHeaderV2, page []byte) error {
	if err := checkPageValues(header.NumValues); err != nil {
		return err
	}
	if header.NumNulls < 0 || header.NumNulls > header.NumValues {
		return errors.New("more nulls than values")
	}
	for _, levels := range []struct {
		max    int
		length int32
	}{{c.leaf.MaxRepetitionLevel, header.RepetitionLevelsByteLength}, {c.leaf.MaxDefinitionLevel, header.DefinitionLevelsByteLength}} {
		if levels.length < 0 || int(levels.length) > len(page) {
			return io.ErrUnexpectedEOF
		}
		if levels.max > 0 {
			if err := checkRuns(page[:levels.length], uint(bits.Len(uint(levels.max))), header.NumValues); err != nil {
				return err
			}
		}
		page = page[levels.length:]
	}
	if !header.IsCompressed.Valid || header.IsCompressed.V {
		var err error
		if page, err = c.decompress(page); err != nil {
			return err
		}
	}
	return c.values(header.Encoding, page, header.NumValues)
}

// values checks the part of a page that holds the values.
func (c *parquetChunk) values(encoding format.Encoding, page []byte, numValues int32) error {
	switch encoding {
	case format.Plain:
		return nil
	case format.PlainDictionary, format.RLEDictionary: //nolint:staticcheck // deprecated for writers; old files have it
		if len(page) == 0 {
			return nil
		}
		if page[0] > 32 {
			return errors.New("dictionary indexes of more than 32 bits")
		}
		return checkRuns(page[1:], uint(page[0]), numValues)
	case format.DeltaLengthByteArray:
		return checkDeltaHeader(page, numValues)
	}
	return fmt.Errorf("the encoding %s is not supported; write the file with PLAIN or dictionary encoding", encoding)
}

// checkRuns adds up the values of a hybrid of run lengths and bit-packed groups of 8 (parquet-format, Encodings.md).
func checkRuns(page []byte, bitWidth uint, numValues int32) error {
	count := uint64(0)
	for len(page) > 0 {
		run, n := binary.Uvarint(page)
		if n <= 0 {
			return io.ErrUnexpectedEOF
		}
		page = page[n:]
		size := uint64(bitWidth+7) / 8
		if run&1 == 1 {
			groups := run >> 1
			if groups > maxParquetPageValues {
				return bomb("a run of %d groups", groups)
			}
			count += groups * 8
			size = groups * uint64(bitWidth)
		} else {
			count += run >> 1
		}
		// The last group of 8 may be filled up, and some writers fill up 63 groups.
		if run>>1 > maxParquetPageValues || count > uint64(numValues)+512 {
			return bomb("runs of %d values in a page of %d", count, numValues)
		}
		if size > uint64(len(page)) {
			return io.ErrUnexpectedEOF
		}
		page = page[size:]
	}
	return nil
}

// checkDeltaHeader reads the header of DELTA_BINARY_PACKED lengths: block size, miniblocks, number of values.
func checkDeltaHeader(page []byte, numValues int32) error {
	for _, limit := range []uint64{1 << 16, 1 << 10, uint64(numValues)} {
		v, n := binary.Uvarint(page)
		if n <= 0 {
			return io.ErrUnexpectedEOF
		}
		if v > limit {
			return bomb("%d delta-encoded values in a page of %d", v, numValues)
		}
		page = page[n:]
	}
	return nil
}

// decompress undoes the chunk's compression within bounds and charges the budget.
func (c *parquetChunk) decompress(page []byte) ([]byte, error) {
	limit := min(c.budget, maxParquetPageBytes)
	out, err := boundedDecompress(c.meta.Codec, page, limit)
	if err != nil {
		return nil, err
	}
	c.budget -= int64(len(out))
	return out, nil
}

func boundedDecompress(codec format.CompressionCodec, page []byte, limit int64) ([]byte, error) {
	var stream io.Reader
	switch codec {
	case format.Uncompressed:
		if int64(len(page)) > limit {
			return nil, bomb("a page of %d bytes", len(page))
		}
		return page, nil
	case format.Snappy:
		// A Snappy block begins with its length, and its decoder never writes more.
		if n, read := binary.Uvarint(page); read <= 0 || n > uint64(limit) {
			return nil, bomb("a page of %d bytes", n)
		}
		return parquet.Snappy.Decode(nil, page)
	case format.Gzip:
		unzipped, err := gzip.NewReader(bytes.NewReader(page))
		if err != nil {
			return nil, err
		}
		stream = unzipped
	case format.Zstd:
		decoder, err := zstd.NewReader(bytes.NewReader(page), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(uint64(maxParquetPageBytes)))
		if err != nil {
			return nil, err
		}
		defer decoder.Close()
		stream = decoder
	default:
		return nil, fmt.Errorf("the compression %s is not supported; write the file with Snappy, gzip, zstd or none", codec)
	}
	out, err := io.ReadAll(io.LimitReader(stream, limit+1))
	if int64(len(out)) > limit {
		return nil, bomb("a page of more than %d bytes", limit)
	}
	return out, err
}
