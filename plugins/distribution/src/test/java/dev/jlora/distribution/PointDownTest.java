package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PointDownTest {
  @ParameterizedTest
  @CsvSource({
    "dev.jlora.tasks.metrics, dev.jlora.tasks",
    "dev.jlora.bert,          dev.jlora.model",
    "dev.jlora.bert,          dev.jlora.spi",
    "dev.jlora.adapters,      dev.jlora.peft",
    "dev.jlora.peft,          dev.jlora.spi",
    "dev.jlora.cli,           dev.jlora",
    "dev.jlora.cli,           dev.jlora.engine.runs",
    "dev.jlora,               dev.jlora.engine",
    "dev.jlora.engine,        dev.jlora.spi",
    "dev.jlora.spi,           dev.jlora.model",
    "dev.jlora.model,         dev.jlora.autograd",
    "dev.jlora.tensor,        dev.jlora.ffi",
    "dev.jlora.cuda.backend,  dev.jlora.backend",
    "dev.jlora.cuda.kernels,  dev.jlora.cuda",
    "dev.jlora.cuda,          dev.jlora.ffi.cuda",
  })
  void lets_an_import_go_down(String from, String to) {
    assertThat(PointDown.mayImport(PointDown.room(from), PointDown.room(to))).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "dev.jlora.bert,     dev.jlora.adapters",
    "dev.jlora.cli,      dev.jlora.tasks.metrics",
    "dev.jlora.bert,     dev.jlora.engine",
    "dev.jlora.bert,     dev.jlora.host",
    "dev.jlora.bert,     dev.jlora",
    "dev.jlora.engine,   dev.jlora.bert",
    "dev.jlora.engine,   dev.jlora",
    "dev.jlora.spi,      dev.jlora.engine",
    "dev.jlora.spi,      dev.jlora.peft",
    "dev.jlora.peft,     dev.jlora.engine",
    "dev.jlora.peft,     dev.jlora.adapters",
    "dev.jlora.data,     dev.jlora.model",
    "dev.jlora.io,       dev.jlora.data",
    "dev.jlora.tensor,   dev.jlora.ops",
    "dev.jlora.natives,  dev.jlora.ffi",
    "dev.jlora.model,    dev.jlora.bert",
    "dev.jlora.backend,  dev.jlora.cuda",
    "dev.jlora.engine,   dev.jlora.cuda",
    "dev.jlora.cli,      dev.jlora.cuda.backend",
    "dev.jlora.bert,     dev.jlora.cuda",
    "dev.jlora.cuda,     dev.jlora.autograd",
    "dev.jlora.cuda,     dev.jlora.spi",
  })
  void stops_one_that_goes_up_or_sideways(String from, String to) {
    assertThat(PointDown.mayImport(PointDown.room(from), PointDown.room(to))).isFalse();
  }
}
