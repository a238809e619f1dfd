package io.mpquic.quic.conformance;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The requirements of the RFCs that a test holds: it fails when one of them is broken. The ids are those of the tables in
 * {@code src/test/resources/conformance}, such as {@code 9000-8.1-3}: RFC, section, which of its requirements.
 * {@link ConformanceDocumentTest} refuses an id that does not exist, and makes {@code docs/conformance.md} from the rest.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Requirement {
    String[] value();
}
