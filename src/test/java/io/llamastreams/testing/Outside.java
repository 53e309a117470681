package io.llamastreams.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test that compares with files from outside, which the repository does not carry: it is left out, by name, where one of
 * them is missing. It is tagged {@code outside}. {@link OutsideTestsTest} holds their number down: a test that only needs
 * some model or some vocabulary takes the carried ones.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Tag("outside")
@ExtendWith(OutsideFiles.class)
public @interface Outside {

    /** Names in the folder {@code data} of the folder that the system property {@code shared.dir} names. */
    String[] value();
}
