package record

import (
	"encoding/hex"
	"reflect"
	"time"
)

// valueOf turns a message into what a line of JSON can hold: bytes as hex or null, times as RFC 3339 text, and the
// fields of the header beside those of the message, as on the wire.
func valueOf(message any) any {
	return plain(reflect.ValueOf(message))
}

func plain(value reflect.Value) any {
	if moment, ok := value.Interface().(time.Time); ok {
		return moment.Format(time.RFC3339Nano)
	}
	switch value.Kind() {
	case reflect.Pointer:
		if value.IsNil() {
			return nil
		}
		return plain(value.Elem())
	case reflect.Struct:
		fields := map[string]any{}
		addFields(fields, value)
		return fields
	case reflect.Slice:
		if value.IsNil() {
			return nil
		}
		if value.Type().Elem().Kind() == reflect.Uint8 {
			return hex.EncodeToString(value.Bytes())
		}
		items := []any{}
		for i := 0; i < value.Len(); i++ {
			items = append(items, plain(value.Index(i)))
		}
		return items
	case reflect.String:
		return value.String()
	case reflect.Bool:
		return value.Bool()
	case reflect.Uint8, reflect.Uint64:
		return value.Uint()
	default:
		return value.Int()
	}
}

func addFields(fields map[string]any, value reflect.Value) {
	for i := 0; i < value.NumField(); i++ {
		field := value.Type().Field(i)
		if field.Anonymous {
			addFields(fields, value.Field(i))
			continue
		}
		fields[field.Name] = plain(value.Field(i))
	}
}
