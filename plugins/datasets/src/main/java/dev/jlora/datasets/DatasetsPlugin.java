package dev.jlora.datasets;

import com.google.inject.Binder;
import dev.jlora.spi.Contributions;
import dev.jlora.spi.JloraPlugin;

/** The formats {@code jsonl}, {@code csv}, {@code tsv} and {@code imagefolder}. */
public final class DatasetsPlugin implements JloraPlugin {
  @Override
  public void configure(Binder binder) {
    Contributions.of(binder)
        .format(new JsonlFormat())
        .format(new CsvFormat())
        .format(new TsvFormat())
        .format(new ImageFolderFormat());
  }
}
