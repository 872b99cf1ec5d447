package kv

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// unpacker reads MessagePack values in any form that FORMAT.md allows a writer of another language to use.
type unpacker struct {
	in io.Reader
	// The most that one string or one run of bytes may be, so that damaged bytes do not take all memory.
	limit uint64
}

// A map as it was read: from key to a string, []byte, uint64, nil, or a map or list of these.
type fields map[string]any

var errForm = errors.New("not one of the forms in use")

func (u *unpacker) take(size uint64) ([]byte, error) {
	if size > u.limit {
		return nil, fmt.Errorf("%d bytes in one value", size)
	}
	bytes := make([]byte, size)
	if _, err := io.ReadFull(u.in, bytes); err != nil {
		if size > 0 && errors.Is(err, io.EOF) {
			return nil, io.ErrUnexpectedEOF
		}
		return nil, err
	}
	return bytes, nil
}

func (u *unpacker) number(width uint64) (uint64, error) {
	bytes, err := u.take(width)
	if err != nil {
		return 0, err
	}
	var wide [8]byte
	copy(wide[8-width:], bytes)
	return binary.BigEndian.Uint64(wide[:]), nil
}

// value reads one value. At the very end of the input it returns io.EOF.
func (u *unpacker) value() (any, error) {
	var first [1]byte
	if _, err := io.ReadFull(u.in, first[:]); err != nil {
		return nil, err
	}
	value, err := u.rest(first[0])
	if errors.Is(err, io.EOF) {
		return nil, io.ErrUnexpectedEOF
	}
	return value, err
}

func (u *unpacker) rest(form byte) (any, error) {
	switch {
	case form < 0x80:
		return uint64(form), nil
	case form < 0x90:
		return u.fields(uint64(form & 0x0f))
	case form < 0xa0:
		return u.list(uint64(form & 0x0f))
	case form < 0xc0:
		return u.text(uint64(form & 0x1f))
	}
	switch form {
	case 0xc0:
		return nil, nil
	case 0xc2, 0xc3:
		return form == 0xc3, nil
	case 0xc4, 0xc5, 0xc6:
		size, err := u.number(1 << (form - 0xc4))
		if err != nil {
			return nil, err
		}
		return u.take(size)
	case 0xcc, 0xcd, 0xce, 0xcf:
		return u.number(1 << (form - 0xcc))
	case 0xd0, 0xd1, 0xd2, 0xd3:
		return u.signed(1 << (form - 0xd0))
	case 0xca, 0xcb:
		return u.float(4 << (form - 0xca))
	case 0xd9, 0xda, 0xdb:
		size, err := u.number(1 << (form - 0xd9))
		if err != nil {
			return nil, err
		}
		return u.text(size)
	case 0xdc, 0xdd:
		size, err := u.number(2 << (form - 0xdc))
		if err != nil {
			return nil, err
		}
		return u.list(size)
	case 0xde, 0xdf:
		size, err := u.number(2 << (form - 0xde))
		if err != nil {
			return nil, err
		}
		return u.fields(size)
	}
	if form >= 0xe0 {
		return int64(int8(form)), nil
	}
	return nil, fmt.Errorf("%w: %02x", errForm, form)
}

// A number that is whole and not negative is a uint64, whatever form it came in.
func (u *unpacker) signed(width uint64) (any, error) {
	value, err := u.number(width)
	shift := 64 - 8*width
	signed := int64(value<<shift) >> shift
	if signed >= 0 {
		return uint64(signed), err
	}
	return signed, err
}

func (u *unpacker) float(width uint64) (any, error) {
	bits, err := u.number(width)
	value := math.Float64frombits(bits)
	if width == 4 {
		value = float64(math.Float32frombits(uint32(bits)))
	}
	if value >= 0 && value == math.Trunc(value) && value < 1<<53 {
		return uint64(value), err
	}
	return value, err
}

func (u *unpacker) text(size uint64) (any, error) {
	bytes, err := u.take(size)
	return string(bytes), err
}

func (u *unpacker) list(size uint64) (any, error) {
	items := []any{}
	for ; size > 0; size-- {
		item, err := u.value()
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}

func (u *unpacker) fields(size uint64) (any, error) {
	found := fields{}
	for ; size > 0; size-- {
		name, err := u.value()
		if err != nil {
			return nil, err
		}
		key := fmt.Sprint(name)
		if found[key], err = u.value(); err != nil {
			return nil, err
		}
	}
	return found, nil
}
