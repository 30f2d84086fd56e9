package dev.jlora.bert;

import com.google.inject.Binder;
import dev.jlora.spi.Contributions;
import dev.jlora.spi.JloraPlugin;

/** BERT, RoBERTa, XLM-RoBERTa and DistilBERT. */
public final class BertPlugin implements JloraPlugin {
  @Override
  public void configure(Binder binder) {
    Contributions.of(binder)
        .family(new BertFamily())
        .family(RobertaFamily.roberta())
        .family(RobertaFamily.xlmRoberta())
        .family(new DistilBertFamily());
  }
}
