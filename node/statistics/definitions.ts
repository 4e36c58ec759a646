/**
 * What the figures of this node count and what they do not (PRACTICE.md, what analysts need; STATISTICS.md). To be shown with
 * every figure.
 */
import { codeList } from '#schema/vocabulary/code-list.ts';

export const definitions = codeList('statistics-definition', 1, 'Focalnet', {
  'not-the-national-total':
    'These are the focal point’s cases, not the national total: children known only to police, courts or organisations are not among them. | Ce sont les cas du point focal et non le total national : les enfants connus seulement de la police, des tribunaux ou d’organisations n’y figurent pas. | Это дела координационного центра, а не общее число по стране: дети, известные только полиции, судам или организациям, сюда не входят. | هذه حالات جهة الاتصال وليست المجموع الوطني: لا تشمل الأطفال المعروفين لدى الشرطة أو المحاكم أو المنظمات فقط.',
  'unit-of-count':
    'Unit: one child in one event. A child with two events counts twice where events are counted, and once where children are. | Unité : un enfant dans un événement. Un enfant ayant vécu deux événements compte deux fois là où l’on compte les événements, une fois là où l’on compte les enfants. | Единица: один ребёнок в одном событии. Ребёнок с двумя событиями учитывается дважды там, где считают события, и один раз там, где считают детей. | الوحدة: طفل واحد في واقعة واحدة. يحسب الطفل الذي له واقعتان مرتين حيث تعد الوقائع ومرة واحدة حيث يعد الأطفال.',
  'reference-date':
    'Reference date: the day the event was recorded here. What is recorded later counts in the later period; no released figure is changed. | Date de référence : le jour où l’événement a été enregistré ici. Ce qui est enregistré plus tard compte dans la période suivante ; aucun chiffre publié n’est modifié. | Отчётная дата: день, когда событие записано здесь. Записанное позже учитывается в следующем периоде; опубликованные цифры не меняются. | تاريخ الإسناد: يوم تسجيل الواقعة هنا. ما يسجل لاحقا يحسب في الفترة اللاحقة ولا يغير أي رقم منشور.',
  'presumed-identified':
    'Presumed and identified are counted apart: a child is presumed a victim on indications, and identified once a competent authority has so decided. | Présumés et identifiés sont comptés à part : un enfant est présumé victime d’après des indices, identifié lorsqu’une autorité compétente l’a décidé. | Предполагаемые и установленные учитываются отдельно: ребёнок предполагается жертвой по признакам и признаётся ею по решению компетентного органа. | يحسب المفترضون والمحددون كل على حدة: يفترض أن الطفل ضحية بناء على مؤشرات، ويحدد ضحية بقرار من سلطة مختصة.',
  precision:
    'Every figure is a multiple of five and at most four away from what was counted; 0 stands for 0 to 4. | Chaque chiffre est un multiple de cinq, à quatre près au plus du compte réel ; 0 signifie de 0 à 4. | Каждая цифра кратна пяти и отличается от подсчитанного не более чем на четыре; 0 означает от 0 до 4. | كل رقم من مضاعفات الخمسة ولا يبعد عما عد بأكثر من أربعة؛ والصفر يعني من 0 إلى 4.',
});
