"""OpenTelemetry payloads: bytes in, typed rows and an encoded answer out. It opens nothing and knows no clock; free text has no type here."""
