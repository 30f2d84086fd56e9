package dev.jlora.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** Lists of known names in messages. */
class NearestTest {
  private static final List<String> OPTIMIZERS =
      List.of("adamw", "adafactor", "adam", "sgd", "adamw8bit");

  @Test
  void known_names_are_sorted() {
    assertThat(Nearest.list(OPTIMIZERS))
        .isEqualTo("'adafactor', 'adam', 'adamw', 'adamw8bit', 'sgd'");
    assertThat(Nearest.list(List.of())).isEqualTo("none");
  }

  @Test
  void names_that_may_have_been_meant_come_first_and_the_others_are_sorted() {
    assertThat(Nearest.list("sdg", OPTIMIZERS))
        .isEqualTo("'adafactor', 'adam', 'adamw', 'adamw8bit', 'sgd'");
    assertThat(Nearest.list("sgdm", OPTIMIZERS))
        .isEqualTo("'sgd', 'adafactor', 'adam', 'adamw', 'adamw8bit'");
    assertThat(Nearest.list("lion", OPTIMIZERS)).isEqualTo(Nearest.list(OPTIMIZERS));
    assertThat(Nearest.list("lion", List.of())).isEqualTo("none");
  }

  @Property
  void the_order_of_the_names_does_not_matter(
      @ForAll("shuffled") List<String> names, @ForAll("name") String wanted) {
    assertThat(Nearest.list(names)).isEqualTo(Nearest.list(OPTIMIZERS));
    assertThat(Nearest.list(wanted, names)).isEqualTo(Nearest.list(wanted, OPTIMIZERS));
    assertThat(Nearest.first(wanted, names)).isEqualTo(Nearest.first(wanted, OPTIMIZERS));
  }

  @Provide
  Arbitrary<List<String>> shuffled() {
    return Arbitraries.shuffle(new ArrayList<>(OPTIMIZERS));
  }

  @Provide
  Arbitrary<String> name() {
    return Arbitraries.strings().withChars("adgmsw").ofMaxLength(6);
  }
}
